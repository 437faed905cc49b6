using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Samples.Tests;

/// <summary>Runs the small samples as a user does, and reads what they print.</summary>
public sealed partial class SampleTests
{
    [Fact]
    public void CustomPipeline_OwnParts_GainOverSourceOnly()
    {
        var lines = Run("CustomPipeline");

        Assert.Equal(2, lines.Count);
        Assert.True(Accuracy(lines[1], 0) > Accuracy(lines[0], 0) + 10, string.Join('\n', lines));
    }

    [Fact]
    public void TabularShift_WeightsAndMaps_GainWhereTheirShiftIs()
    {
        var lines = Run("TabularShift");

        var (source, weights, coral) = (lines[1], lines[2], lines[3]);
        Assert.StartsWith("KMM", weights, StringComparison.Ordinal);
        Assert.StartsWith("CORAL", coral, StringComparison.Ordinal);
        Assert.True(Accuracy(weights, 0) > Accuracy(source, 0) + 3, string.Join('\n', lines));
        Assert.True(Accuracy(coral, 1) > Accuracy(source, 1) + 5, string.Join('\n', lines));
    }

    [Fact]
    public void Serving_AskedByEightClients_AnswersRightAndSeesNoDrift()
    {
        static List<string> Asked() => Run("Serving", "--load", "3");
        var lines = Asked();
        // One look in a thousand at rows that have not changed gives an alarm by chance: two runs in a row hardly do.
        lines = Said(lines, "drift: ").EndsWith("alarm True", StringComparison.Ordinal) ? Asked() : lines;

        Assert.Contains(lines, line => line.StartsWith("0 wrong", StringComparison.Ordinal));
        Assert.EndsWith("alarm False", Said(lines, "drift: "), StringComparison.Ordinal);
        Assert.Equal("Healthy", Said(lines, "health: "));
        Assert.Equal("400", Said(lines, "a row of another width: "));
    }

    [Fact]
    public void Serving_ByTheOnnxFile_AnswersAsTheLibraryAndCountsIt()
    {
        var lines = Run("Serving", "--load", "1");

        var difference = Said(lines, "ONNX route: the largest difference of a probability is ");
        Assert.InRange(double.Parse(difference, CultureInfo.InvariantCulture), 0, 1e-4);
        // Each request of the clients, and the one that the file's answer is held against.
        var requests = lines[0].Split(' ')[0];
        var counted = Said(lines, "serving_request_duration_count{route=\"/predict\"} ");
        Assert.Equal(
            int.Parse(requests, CultureInfo.InvariantCulture) + 1,
            int.Parse(counted, CultureInfo.InvariantCulture)
        );
        Assert.Equal("1", Said(lines, "serving_request_duration_count{route=\"/predict/onnx\"} "));
        Assert.Equal("1", Said(lines, "serving_request_refused_total{route=\"/predict\"} "));
        Assert.NotEqual("0", Said(lines, "transferlearning_predicted_rows_total "));
    }

    [Fact]
    public void Serving_OfRowsThatHaveMoved_RaisesTheAlarm()
    {
        var lines = Run("Serving", "--load", "1", "--shift", "2");

        Assert.Contains(lines, line => line.StartsWith("0 wrong", StringComparison.Ordinal));
        Assert.EndsWith("alarm True", Said(lines, "drift: "), StringComparison.Ordinal);
        Assert.Equal("Degraded", Said(lines, "health: "));
        Assert.NotEqual("0", Said(lines, "serving_drift_alarms_total "));
    }

    // Smaller than anybody would want it: that it comes to its end is looked at, and what it writes.
    [Fact]
    public void DigitStyles_InItsSmallestForm_WritesItsPictures()
    {
        var report = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.html");
        try
        {
            var lines = Run("DigitStyles", "--epochs", "1", "--images", "100", "--width", "2", "--report", report);

            Assert.Contains(lines, line => line.StartsWith("source alone", StringComparison.Ordinal));
            Assert.InRange(Accuracy(lines[^2], 0), 0, 100);
            var page = File.ReadAllText(report);
            var pictures = Pictures().Matches(page).Select(match => match.Groups["data"].Value).ToList();
            Assert.Equal(5 * 12, pictures.Count);
            Assert.All(pictures, picture => Assert.Equal(28 * 28, Pixels(Convert.FromBase64String(picture)).Length));
        }
        finally
        {
            File.Delete(report);
        }
    }

    [Fact]
    public void WhichMethod_OnTheMachines_DecidesAndGoesOnFromItsJournal()
    {
        var output = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var lines = Run("WhichMethod", "--seeds", "1", "--output", output);
            var again = Run("WhichMethod", "--seeds", "1", "--output", output, "--judge");

            Assert.Contains(lines, line => line.StartsWith("Kept: ", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.StartsWith("chosen ", StringComparison.Ordinal));
            Assert.Contains(again, line => line.StartsWith("chosen ", StringComparison.Ordinal));
            Assert.Equal(Ranking(lines), Ranking(again));
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "report.json")));
            var verdict = $"Kept: {json.RootElement.GetProperty("kept")}.";
            Assert.Contains(again, line => line.StartsWith(verdict, StringComparison.Ordinal));
            Assert.Contains("<svg", File.ReadAllText(Path.Combine(output, "report.html")), StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(output, "model")));
            // A fresh start on what cannot be read forgets nothing; a folder is no table.
            var journal = Path.Combine(output, "search.jsonl");
            var kept = File.ReadAllText(journal);
            Assert.Equal(1, Ended("WhichMethod", ["--fresh", "--target", output, "--output", output]).Code);
            Assert.Equal(kept, File.ReadAllText(journal));
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }

        static IEnumerable<string> Ranking(List<string> lines) =>
            lines
                .SkipWhile(line => !line.StartsWith("candidate", StringComparison.Ordinal))
                .TakeWhile(line => !line.StartsWith("not told", StringComparison.Ordinal));
    }

    // The network comes with a package: nothing but two folders of images is needed.
    [Fact]
    public void WhichMethod_OnFoldersOfPlainColors_DecidesAndSavesAModel()
    {
        var data = Directory.CreateTempSubdirectory("which-method");
        try
        {
            var (bright, dark) = (Path.Combine(data.FullName, "bright"), Path.Combine(data.FullName, "dark"));
            PlainColors(bright, light: 250, count: 15);
            PlainColors(dark, light: 150, count: 15);
            var output = Path.Combine(data.FullName, "output");
            string[] arguments = ["--source", bright, "--target", dark, "--seeds", "1", "--output", output, "--judge"];

            var lines = Run("WhichMethod", arguments);

            Assert.Contains(lines, line => line.Contains("30 images of", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.StartsWith("Kept: ", StringComparison.Ordinal));
            var chosen = lines.Find(line => line.StartsWith("chosen ", StringComparison.Ordinal));
            Assert.True(Accuracy(chosen!, 0) > 90, chosen);
            Assert.True(File.Exists(Path.Combine(output, "model")));
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "report.json")));
            Assert.Contains(
                "2 classes, ResNet-18",
                json.RootElement.GetProperty("title").GetString()!,
                StringComparison.Ordinal
            );
            // Whatever the target's folders are called, nothing but --judge follows it.
            Directory.Move(Path.Combine(dark, "red"), Path.Combine(dark, "zebra"));
            Directory.Move(Path.Combine(dark, "blue"), Path.Combine(dark, "yak"));
            string[] renamed = [.. arguments[..^3], "--output", output + "-renamed"];
            Assert.Equal(Kept(lines), Kept(Run("WhichMethod", renamed)));
        }
        finally
        {
            data.Delete(recursive: true);
        }

        static string Kept(List<string> lines) =>
            lines.Single(line => line.StartsWith("Kept: ", StringComparison.Ordinal));
    }

    // Two classes of plain color in two domains: what a network of photographs tells apart at once.
    [Fact]
    public void PhotoToArt_OnPlainColors_ReadsThemAndWritesItsPage()
    {
        var data = Directory.CreateTempSubdirectory("photo-to-art");
        try
        {
            PlainColors(Path.Combine(data.FullName, "photo"), light: 250, count: 6);
            PlainColors(Path.Combine(data.FullName, "art_painting"), light: 200, count: 6);

            var output = Path.Combine(data.FullName, "output");
            var lines = Run("PhotoToArt", "--data", data.FullName, "--output", output);

            Assert.Contains(
                lines,
                line => line.StartsWith("Frozen network, logistic regression: 100.0%", StringComparison.Ordinal)
            );
            var page = File.ReadAllText(Path.Combine(output, "report.html"));
            Assert.Equal(2 * (1 + (2 * 4)), Regex.Count(page, "data:image/bmp;base64,[A-Za-z0-9+/]+"));
            Assert.Equal(2 * 4 * 6, Regex.Count(page, "<circle "));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    // What stands for "empty" is a folder without a file.
    [Theory]
    [InlineData("DigitAdaptation", "--data empty", "--data names a folder that holds digits/mnist")]
    [InlineData("Evaluate", "guard --data empty/none", "give that of the data sets by --data")]
    [InlineData("Evaluate", "guard --data empty", "No page was written")]
    [InlineData("PhotoToArt", "--data empty", "--data names the folder above")]
    [InlineData("Serving", "--load soon", "--load takes seconds")]
    [InlineData("Serving", "--load 1 --shift far", "--shift takes the number")]
    [InlineData("Serving", "--load 1 --Drift:Alarm 0.0001", "Drift:Alarm from 1 / (Permutations + 1)")]
    [InlineData("WhichMethod", "--target empty --output empty/output", "--output names another folder")]
    public void Sample_ThatCannotReadWhatItIsGiven_SaysWhatItTakes(string sample, string arguments, string expected)
    {
        var empty = Directory.CreateTempSubdirectory();
        try
        {
            var words = arguments
                .Split(' ')
                .Select(word => word.Replace("empty", empty.FullName, StringComparison.Ordinal));

            var (code, _, error) = Ended(sample, [.. words]);

            Assert.Equal(1, code);
            Assert.Contains(expected, error, StringComparison.Ordinal);
            Assert.DoesNotContain("Unhandled exception", error, StringComparison.Ordinal);
        }
        finally
        {
            empty.Delete(recursive: true);
        }
    }

    // Folders "red" and "blue" of pictures that differ a little.
    private static void PlainColors(string domain, int light, int count)
    {
        foreach (var (name, isRed) in new[] { ("red", true), ("blue", false) })
        {
            var folder = Directory.CreateDirectory(Path.Combine(domain, name)).FullName;
            for (var i = 0; i < count; i++)
            {
                var (on, off) = ((byte)(light - i), (byte)(4 * i));
                File.WriteAllBytes(
                    Path.Combine(folder, $"{i}.bmp"),
                    Bitmap(32, isRed ? (on, off, off) : (off, off, on))
                );
            }
        }
    }

    // An uncompressed picture of one color, 24 bits a pixel; rows of 4 bytes' multiples need no filling.
    private static byte[] Bitmap(int side, (byte Red, byte Green, byte Blue) color)
    {
        const int Header = 54;
        var file = new byte[Header + (3 * side * side)];
        (file[0], file[1], file[10], file[14], file[26], file[28]) = ((byte)'B', (byte)'M', Header, 40, 1, 24);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), side);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), side);
        for (var at = Header; at < file.Length; at += 3)
        {
            (file[at], file[at + 1], file[at + 2]) = (color.Blue, color.Green, color.Red);
        }
        return file;
    }

    private static List<string> Run(string sample, params ReadOnlySpan<string> arguments)
    {
        var (code, output, error) = Ended(sample, arguments);
        Assert.True(code == 0, $"{sample} ended with {code}:\n{output}\n{error}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    // What follows some words in the only line that they begin.
    private static string Said(List<string> lines, string words) =>
        Assert.Single(lines, line => line.StartsWith(words, StringComparison.Ordinal))[words.Length..];

    private static (int Code, string Output, string Error) Ended(string sample, ReadOnlySpan<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Program(sample), .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    // The gray bytes of a PNG of 28 by 28 pixels: signature, header of 25 bytes, one chunk of packed rows.
    private static byte[] Pixels(byte[] file)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], file[..8]);
        Assert.Equal((28, 28), (BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16)), file[23]));
        var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(33));
        using var packed = new ZLibStream(new MemoryStream(file, 41, length), CompressionMode.Decompress);
        using var rows = new MemoryStream();
        packed.CopyTo(rows);
        return [.. rows.ToArray().Chunk(29).SelectMany(row => row[1..])];
    }

    // Beside the tests, or in the sample's own folder, of the same configuration and framework.
    private static string Program(string sample)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var beside = Path.Combine(here.FullName, sample + ".dll");
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        var repository = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return File.Exists(beside)
            ? beside
            : Path.Combine(repository, "samples", sample, "bin", configuration, framework, sample + ".dll");
    }

    private static double Accuracy(string line, int column) =>
        double.Parse(Percentages().Matches(line)[column].Groups["accuracy"].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"data:image/png;base64,(?<data>[^""]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Pictures();

    [GeneratedRegex(@"(?<accuracy>\d+\.\d) ?%", RegexOptions.NonBacktracking)]
    private static partial Regex Percentages();
}
