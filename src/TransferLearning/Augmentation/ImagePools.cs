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
    /// The same 14 with wider ranges, TrivialAugment's (Müller and Hutter 2021): angles to 135 degrees, slopes to 0.99,
    /// moves by the whole side, factors 0.01 to 1.99, 2 bits.
    /// </summary>
    /// <remarks>
    /// The paper moves by up to 32 pixels whatever the image's size, which is the whole side of 32 by 32 pixels.
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

    /// <summary>The 14 of FixMatch (Sohn et al. 2020, table 12): factors 0.05 to 0.95 only, moves to 0.3.</summary>
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
        new Posterize(),
        new Solarize(),
        new AutoContrast(),
        new Equalize(),
    ];

    /// <summary>
    /// The 9 of AugMix (Hendrycks et al. 2020), without those that are among the corruptions it is judged by: moves to
    /// a third, 4 to 0 bits.
    /// </summary>
    public static IReadOnlyList<IImageOperation> AugMix { get; } =
    [
        new AutoContrast(),
        new Equalize(),
        new Posterize { MostBits = 4, LeastBits = 0 },
        new Rotation(),
        new Solarize(),
        new Shear(),
        new Shear { Axis = ImageAxis.Vertical },
        new Translation { Share = 1.0 / 3 },
        new Translation { Axis = ImageAxis.Vertical, Share = 1.0 / 3 },
    ];
}
