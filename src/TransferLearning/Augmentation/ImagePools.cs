namespace TransferLearning.Augmentation;

/// <summary>The operations that published methods draw from, and how strong the strongest of them are.</summary>
public static class ImagePools
{
    /// <summary>
    /// The 14 of RandAugment (Cubuk, Zoph, Shlens and Le 2020), with torchvision's ranges: angles to 30 degrees, slopes
    /// to 0.3, moves to 150/331, factors 0.1 to 1.9, 4 bits.
    /// </summary>
    public static IReadOnlyList<IImageOperation> RandAugment { get; } =
    [
        new Identity(),
        new Shear(),
        new Shear { Axis = ImageAxis.Vertical },
        new Translation { Share = 150.0 / 331 },
        new Translation { Axis = ImageAxis.Vertical, Share = 150.0 / 331 },
        new Rotation(),
        new Brightness(),
        new Saturation(),
        new Contrast(),
        new Sharpness(),
        new Posterize(),
        new Solarize(),
        new AutoContrast(),
        new Equalize(),
    ];

    /// <summary>
    /// The same 14 with wider ranges, those of TrivialAugment (Müller and Hutter 2021) as torchvision has them: angles
    /// to 135 degrees, slopes to 0.99, moves by the whole side, factors 0.01 to 1.99, 2 bits, rounded.
    /// </summary>
    /// <remarks>
    /// The authors' program moves by up to 32 pixels whatever the image's size, which is the whole side of 32 by 32
    /// pixels; its factors go from 0.01 to 2, and it cuts the bits off.
    /// </remarks>
    public static IReadOnlyList<IImageOperation> Wide { get; } =
    [
        new Identity(),
        new Shear { Slope = 0.99 },
        new Shear { Axis = ImageAxis.Vertical, Slope = 0.99 },
        new Translation { Share = 1 },
        new Translation { Axis = ImageAxis.Vertical, Share = 1 },
        new Rotation { Degrees = 135 },
        new Brightness { Least = 0.01, Most = 1.99 },
        new Saturation { Least = 0.01, Most = 1.99 },
        new Contrast { Least = 0.01, Most = 1.99 },
        new Sharpness { Least = 0.01, Most = 1.99 },
        new Posterize { LeastBits = 2 },
        new Solarize(),
        new AutoContrast(),
        new Equalize(),
    ];

    /// <summary>
    /// The 14 of FixMatch (Sohn et al. 2020, table 12): factors 0.05 to 0.95 only, moves to 0.3, 4 bits and more.
    /// </summary>
    /// <remarks>
    /// TorchSSL and USB cut a number from 4 to 8 off, so that 4 to 7 bits are kept. The authors' own program has other
    /// ranges: factors from 0.1, moves to 10 pixels, 1 to 4 bits.
    /// </remarks>
    public static IReadOnlyList<IImageOperation> FixMatch { get; } =
    [
        new Identity(),
        new Shear(),
        new Shear { Axis = ImageAxis.Vertical },
        new Translation(),
        new Translation { Axis = ImageAxis.Vertical },
        new Rotation(),
        new Brightness { Least = 0.05, Most = 0.95 },
        new Saturation { Least = 0.05, Most = 0.95 },
        new Contrast { Least = 0.05, Most = 0.95 },
        new Sharpness { Least = 0.05, Most = 0.95 },
        // Below a strength of 1, 7 less what is cut off from 0 to 4: 4 to 7 bits.
        new Posterize
        {
            MostBits = 7,
            LeastBits = 3,
            IsTruncated = true,
        },
        new Solarize(),
        new AutoContrast(),
        new Equalize(),
    ];

    /// <summary>
    /// The 9 of AugMix (Hendrycks et al. 2020), without those that are among the corruptions it is judged by: moves to
    /// a third, 4 to 0 bits; pixels are interpolated, and bits, degrees and moves cut off to whole numbers.
    /// </summary>
    public static IReadOnlyList<IImageOperation> AugMix { get; } =
    [
        new AutoContrast(),
        new Equalize(),
        new Posterize
        {
            MostBits = 4,
            LeastBits = 0,
            IsTruncated = true,
        },
        new Rotation { IsSmooth = true, IsTruncated = true },
        new Solarize(),
        new Shear { IsSmooth = true },
        new Shear { Axis = ImageAxis.Vertical, IsSmooth = true },
        new Translation { Share = 1.0 / 3, IsTruncated = true },
        new Translation
        {
            Axis = ImageAxis.Vertical,
            Share = 1.0 / 3,
            IsTruncated = true,
        },
    ];
}
