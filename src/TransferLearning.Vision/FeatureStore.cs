using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TorchSharp.PyBridge;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>
/// Features of a frozen network, computed once and kept on disk: the network sees every image a single time, however
/// many methods are tried on its features.
/// </summary>
/// <remarks>
/// <para>
/// Features are kept by what they follow from: the network's layers and parameters, how images are read, and every
/// file's name, length and time of writing. Where one of these changes, they are computed anew. They lie in files of
/// 512 rows each, written one after the other, so that an interrupted run goes on where it stopped: safetensors, whose
/// entry <c>features</c> other programs can read, beside the <c>sha256</c> of its bytes. Nothing is deleted: a folder
/// can be removed whole at any time. The features of a damaged file are computed anew.
/// </para>
/// <para>A store does not change, and threads may share it; two programs may write to one folder.</para>
/// </remarks>
/// <param name="folder">Where the files lie; it is made where it is missing.</param>
public sealed class FeatureStore(string folder)
{
    private const int Block = 512;
    private const string Rows = "features";
    private const string Digest = "sha256";
    private readonly string folder = folder ?? throw new ArgumentNullException(nameof(folder));

    /// <summary>The features of all images of a folder.</summary>
    /// <param name="network">
    /// The network, <c>[n, 3, size, size]</c> to <c>[n, d]</c>. It is put into evaluation mode, and gets no gradients.
    /// </param>
    /// <param name="images">The images.</param>
    /// <param name="batchSize">How many images pass at once, at least 1. Default 32.</param>
    /// <param name="progress">Is told how many images are done, of how many.</param>
    /// <param name="cancellationToken">Ends the work between two batches; what was finished stays.</param>
    /// <returns><c>[n, d]</c> on the CPU, a row for each image; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The network's output is not <c>[n, d]</c>.</exception>
    /// <exception cref="InvalidDataException">An image cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Tensor Features(
        nn.Module<Tensor, Tensor> network,
        ImageFolder images,
        int batchSize = 32,
        IProgress<(long Done, long Of)>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        network.eval();
        var key = KeyOf(network, images);
        var blocks = new List<Tensor>();
        for (long start = 0; start < images.Count; start += Block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = Path.Combine(
                folder,
                string.Create(CultureInfo.InvariantCulture, $"{key}-{start / Block:0000}.safetensors")
            );
            var count = Math.Min(Block, images.Count - start);
            var block = Kept(path, count);
            if (block is not null)
            {
                progress?.Report((start + count, images.Count));
            }
            else
            {
                block = Computed(network, images, (start, count), batchSize, progress, cancellationToken);
                Keep(path, block);
            }
            blocks.Add(block);
        }
        return cat(blocks).MoveToOuterDisposeScope();
    }

    /// <summary>The features of all images with their classes, as a domain.</summary>
    /// <inheritdoc cref="Features"/>
    public LabeledDomain Labeled(
        nn.Module<Tensor, Tensor> network,
        ImageFolder images,
        int batchSize = 32,
        IProgress<(long Done, long Of)>? progress = null,
        CancellationToken cancellationToken = default
    ) => images.LabeledWith(Features(network, images, batchSize, progress, cancellationToken));

    /// <summary>The features of all images, as a domain without labels.</summary>
    /// <inheritdoc cref="Features"/>
    public UnlabeledDomain Unlabeled(
        nn.Module<Tensor, Tensor> network,
        ImageFolder images,
        int batchSize = 32,
        IProgress<(long Done, long Of)>? progress = null,
        CancellationToken cancellationToken = default
    ) => new(Features(network, images, batchSize, progress, cancellationToken));

    private static Tensor Computed(
        nn.Module<Tensor, Tensor> network,
        ImageFolder images,
        (long Start, long Count) rows,
        int batchSize,
        IProgress<(long Done, long Of)>? progress,
        CancellationToken cancellationToken
    )
    {
        using var scope = NewDisposeScope();
        var first = network.parameters().FirstOrDefault(parameter => parameter.is_floating_point());
        var (device, dtype) = (first?.device ?? CPU, first?.dtype ?? float32);
        var parts = new List<Tensor>();
        for (var start = rows.Start; start < rows.Start + rows.Count; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var batch = NewDisposeScope();
            var end = Math.Min(start + batchSize, rows.Start + rows.Count);
            var pixels = images.Read(arange(start, end, ScalarType.Int64)).to(dtype, device);
            var features = network.call(pixels).cpu();
            if (features.dim() != 2)
            {
                throw new ArgumentException(
                    $"the network must give [n, d] for images; it gave [{string.Join(", ", features.shape)}].",
                    nameof(network)
                );
            }
            parts.Add(features.MoveToOuterDisposeScope());
            progress?.Report((end, images.Count));
        }
        return cat(parts).MoveToOuterDisposeScope();
    }

    private static Tensor? Kept(string path, long count)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        using var scope = NewDisposeScope();
        try
        {
            var read = WeightFile.Read(path);
            return
                read.TryGetValue(Rows, out var features)
                && read.TryGetValue(Digest, out var digest)
                && features.dim() == 2
                && features.shape[0] == count
                && digest.bytes.SequenceEqual(SHA256.HashData(features.bytes))
                ? features.MoveToOuterDisposeScope()
                : null;
        }
        catch (InvalidDataException)
        {
            return null; // cut off or damaged: computed anew
        }
    }

    private static void Keep(string path, Tensor features)
    {
        using var scope = NewDisposeScope();
        var entries = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            [Rows] = features.contiguous(),
            [Digest] = tensor(SHA256.HashData(features.bytes)),
        };
        // Others may be writing the same features: each to a file of its own, and all are alike.
        var own = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = new FileStream(own, FileMode.CreateNew))
            {
                Safetensors.SaveStateDict(file, entries, leaveOpen: true);
                file.Flush(flushToDisk: true);
            }
            File.Move(own, path, overwrite: true);
        }
        finally
        {
            File.Delete(own); // there only where it could not be moved
        }
    }

    private static string KeyOf(nn.Module<Tensor, Tensor> network, ImageFolder images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Text(ModuleSettings.Of(network));
        foreach (var (name, child) in network.named_modules())
        {
            Text($"{name}: {ModuleSettings.Of(child)}");
        }
        foreach (var (name, value) in network.state_dict())
        {
            Text($"{name} {value.dtype} {string.Join(',', value.shape)}");
            using var here = value.detach().cpu().contiguous();
            hash.AppendData(here.bytes);
        }
        var (size, fit, share) = (images.Options.Size, images.Options.Fit, images.Options.CropShare);
        Text(string.Create(CultureInfo.InvariantCulture, $"{size} {fit} {(fit == ImageFit.Crop ? share : 1):R}"));
        foreach (var file in images.Files)
        {
            var info = new FileInfo(file);
            Text($"{Path.GetRelativePath(images.Path, file)} {info.Length} {info.LastWriteTimeUtc.Ticks}");
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];

        void Text(string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
    }
}
