// Photographs teach a pretrained network to read paintings: frozen features, fine-tuning, adaptation, and a page of
// pictures. `dotnet run -c Release --project samples/PhotoToArt -- --data <folder>` takes the PACS images (Li et al.
// 2017) or any folder of the form domain/class/image; `--tune 5` adds the rows that tune the whole network.
using DigitAdaptation;
using PhotoToArt;
using TransferLearning.Evaluation;

return StoryOptions.Parse(args, Run);

static int Run(StoryOptions options, CancellationToken cancellation)
{
    WaitingThreads.SleepSoon();
    foreach (var folder in new[] { options.Source, options.Target })
    {
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine(
                $"There is no folder {Path.GetFullPath(folder)}. The sample needs images that do not ship with it: "
                    + "PACS (photo, art_painting, cartoon, ...), or others in domain/class/image; --data names the "
                    + "folder above, --source and --target the domains."
            );
            return 1;
        }
    }
    try
    {
        Directory.CreateDirectory(options.Output);
        var story = new Story(options, cancellation);
        story.ReadFrozen();
        if (options.Epochs > 0)
        {
            story.Tune();
        }
        var (first, best) = (story.Rows[0], story.Rows.MaxBy(row => row.Accuracy.Value)!);
        if (best != first)
        {
            var test = McNemarTest.Of(first.Predicted, best.Predicted, story.TargetLabels);
            Console.WriteLine(
                $"{best.Name} against {first.Name}: {test.OnlySecond} images won, {test.OnlyFirst} lost, "
                    + $"p = {test.PValue:G2}"
            );
        }
        var report = Path.Combine(options.Output, "report.html");
        StoryReport.Write(report, story, options);
        Console.WriteLine($"Report: {report}");
        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine("Stopped. The features that are done are kept; the same command goes on from them.");
        return 130;
    }
    catch (Exception fault)
        when (fault is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
    {
        Console.Error.WriteLine(fault.Message);
        return 1;
    }
}
