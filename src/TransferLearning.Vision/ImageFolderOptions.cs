using System.Globalization;

namespace TransferLearning.Vision;

/// <summary>How the images of a folder are read.</summary>
public sealed record ImageFolderOptions
{
    // What an image is resized to before its center is cut out.
    private const int Largest = 1 << 14;

    /// <summary>
    /// The height and width of the images in pixels, at least 1; <c>Size / CropShare</c> is at most 16,384. Default
    /// 224.
    /// </summary>
    public int Size { get; init; } = 224;

    /// <summary>How an image of other proportions becomes a square. Default a crop of the center.</summary>
    public ImageFit Fit { get; init; } = ImageFit.Crop;

    /// <summary>
    /// For <see cref="ImageFit.Crop"/>, the share of the shorter side that is kept, above 0 and at most 1. Default
    /// 0.875, 224 of 256 pixels, as TorchVision's networks are evaluated.
    /// </summary>
    public double CropShare { get; init; } = 0.875;

    /// <summary>
    /// The classes in their order; null, the default, takes the names of the sub-folders, sorted. Give a target the
    /// classes of its source, so that both have the same numbers.
    /// </summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>What to do with files that cannot be decoded. Default an error when one is read.</summary>
    public BrokenImages Broken { get; init; }

    /// <summary>How many images are decoded at once; 0, the default, for one a core.</summary>
    public int Threads { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        if (CropShare is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(CropShare),
                CropShare,
                "CropShare must be above 0 and at most 1."
            );
        }
        if (Size / CropShare > Largest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Size),
                Size,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Size / CropShare must be at most {Largest} pixels; got {Size} / {CropShare}."
                )
            );
        }
    }
}
