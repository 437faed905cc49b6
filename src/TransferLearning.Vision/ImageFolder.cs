using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>The images of a folder, decoded when they are read: a domain that can be larger than memory.</summary>
/// <remarks>
/// <para>
/// A folder has a sub-folder for each class (<see cref="Open"/>), or there is a list of files with their classes
/// (<see cref="OpenList"/>). Images become <c>[k, 3, size, size]</c>, float32 from 0 to 1, red first. JPEG, PNG, GIF,
/// BMP and WebP files are read; gray and CMYK ones become color, transparent ones stand on white, and the orientation
/// that a camera wrote down is applied.
/// </para>
/// <para>
/// Memory holds the files' names alone. A read decodes its images on several threads. Threads may share the folder; it
/// needs no disposal.
/// </para>
/// </remarks>
public sealed class ImageFolder : IRowSource
{
    private static readonly string[] Endings = [".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp"];

    // A larger number in a list is an identifier, and each class gets a name.
    private const int MostClasses = 1 << 20;

    private readonly string[] files;
    private readonly int[] classes;

    private ImageFolder(string path, ImageFolderOptions options, string[] names, List<(string File, int Class)> images)
    {
        (Path, Options, Classes) = (path, options, names);
        var kept = options.Broken == BrokenImages.Skip ? Decodable(images) : images;
        files = [.. kept.Select(image => image.File)];
        classes = [.. kept.Select(image => image.Class)];
        if (files.Length == 0)
        {
            throw new InvalidDataException(
                $"'{path}' holds no image that can be read: {string.Join(", ", Endings)} in a folder for each class."
            );
        }
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>How images are read.</summary>
    public ImageFolderOptions Options { get; }

    /// <summary>The names of the classes, by number.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The images' files, by row.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>The files that were left out because they could not be decoded.</summary>
    public IReadOnlyList<string> Skipped { get; private set; } = [];

    /// <inheritdoc />
    public long Count => files.Length;

    /// <summary>Opens a folder with a sub-folder for each class, which may hold further folders.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How images are read. Default 224x224, the center.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">
    /// There is no image, or a sub-folder is none of <see cref="ImageFolderOptions.Classes"/>.
    /// </exception>
    public static ImageFolder Open(string path, ImageFolderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ImageFolderOptions();
        options.Check();
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"There is no folder '{path}'.");
        }
        string[] found =
        [
            .. Directory
                .EnumerateDirectories(path)
                .Select(folder => System.IO.Path.GetFileName(folder))
                .Order(StringComparer.Ordinal),
        ];
        string[] names = [.. options.Classes ?? found];
        var unknown = found.Except(names, StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            throw new InvalidDataException(
                $"'{path}' has the folders {string.Join(", ", unknown)}, which are none of the classes "
                    + $"{string.Join(", ", names)}."
            );
        }
        var images =
            from name in found
            from file in Directory
                .EnumerateFiles(System.IO.Path.Combine(path, name), "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
            where Endings.Contains(System.IO.Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
            select (file, Array.IndexOf(names, name));
        return new ImageFolder(path, options, names, [.. images]);
    }

    /// <summary>
    /// Opens the images that a list names, a line each: a path, a space or tab, and its class's number. Blank lines
    /// are skipped.
    /// </summary>
    /// <param name="list">The list's file.</param>
    /// <param name="folder">The folder in which relative paths begin. Default that of the list.</param>
    /// <param name="options">How images are read. Names of classes come from it; default their numbers.</param>
    /// <exception cref="FileNotFoundException">There is no such list.</exception>
    /// <exception cref="InvalidDataException">A line is no path and number, or the list is empty.</exception>
    public static ImageFolder OpenList(string list, string? folder = null, ImageFolderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(list);
        options ??= new ImageFolderOptions();
        options.Check();
        folder ??= System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(list))!;
        var images = new List<(string, int)>();
        foreach (var (number, line) in File.ReadLines(list).Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            var cut = line.TrimEnd().LastIndexOfAny([' ', '\t']);
            if (cut < 1 || !int.TryParse(line.AsSpan(cut), out var label) || label is < 0 or >= MostClasses)
            {
                throw new InvalidDataException(
                    $"'{list}', line {number + 1}: expected a path and a class's number, got '{line}'."
                );
            }
            images.Add((System.IO.Path.Combine(folder, line[..cut].TrimEnd()), label));
        }
        var count = images.Count == 0 ? 0 : images.Max(image => image.Item2) + 1;
        string[] names = [.. options.Classes ?? Enumerable.Range(0, count).Select(label => $"{label}")];
        return names.Length >= count
            ? new ImageFolder(folder, options, names, images)
            : throw new InvalidDataException(
                $"'{list}' names class {count - 1}, but there are {names.Length} names of classes."
            );
    }

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">
    /// A file is no image, ends early, or has more than 2^28 pixels; the message names it.
    /// </exception>
    public Tensor Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        long[] wanted = [.. rows.data<long>()];
        foreach (var row in wanted)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count, nameof(rows));
        }
        using var scope = NewDisposeScope();
        // Each image goes to its place: no array holds more than some fourteen thousand of 224x224.
        var images = empty([wanted.Length, 3, Options.Size, Options.Size], ScalarType.Float32, CPU);
        Each(
            wanted.Length,
            i =>
            {
                using var place = images.narrow(0, i, 1);
                ImageDecoder.Read(files[wanted[i]], Options, MemoryMarshal.Cast<byte, float>(place.bytes));
            }
        );
        return images.MoveToOuterDisposeScope();
    }

    /// <summary>The images with their classes as a domain.</summary>
    public LabeledDomain Labeled() =>
        new(this, tensor([.. classes.Select(label => (long)label)], [Count]), space: LabelSpace.Classes(Classes));

    /// <summary>The images as a domain without labels.</summary>
    public UnlabeledDomain Unlabeled() => new(this);

    internal LabeledDomain LabeledWith(Tensor inputs) =>
        new(inputs, tensor([.. classes.Select(label => (long)label)], [Count]), space: LabelSpace.Classes(Classes));

    private void Each(int count, Action<int> decode)
    {
        var threads = Options.Threads > 0 ? Options.Threads : Environment.ProcessorCount;
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, decode);
        }
        catch (AggregateException faults)
        {
            // The first broken file is enough to say.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }

    private List<(string File, int Class)> Decodable(List<(string File, int Class)> images)
    {
        var isBroken = new bool[images.Count];
        Each(
            images.Count,
            i =>
            {
                try
                {
                    ImageDecoder.Read(images[i].File, Options, new float[3 * Options.Size * Options.Size]);
                }
                catch (InvalidDataException)
                {
                    isBroken[i] = true;
                }
            }
        );
        Skipped = [.. images.Where((_, i) => isBroken[i]).Select(image => image.File)];
        return [.. images.Where((_, i) => !isBroken[i])];
    }
}
