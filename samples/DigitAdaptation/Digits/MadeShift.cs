namespace DigitAdaptation.Digits;

/// <summary>
/// A shift made by hand: the digits of a data set as another scanner and other writers might have given them. They
/// lean, are counted down to 8x8 pixels, and their gray values bend; then they take MNIST's layout again.
/// </summary>
/// <param name="Lean">Columns to the left for every row up.</param>
/// <param name="Bend">The power that gray values are raised to: below 1 strokes grow, above 1 they thin.</param>
public sealed record MadeShift(float Lean, float Bend)
{
    private const int Margin = 2;
    private const int Block = 3;

    /// <summary>Digits that lean far, in broad and pale strokes.</summary>
    public static MadeShift Broad { get; } = new(Lean: 0.5f, Bend: 0.6f);

    /// <summary>Digits that lean a little, in thin strokes.</summary>
    public static MadeShift Thin { get; } = new(Lean: 0.25f, Bend: 1.4f);

    /// <summary>The shifted images, with the same labels.</summary>
    /// <param name="mnist">Images of 28x28 pixels.</param>
    public DigitImages Apply(DigitImages mnist)
    {
        var center = mnist.Width / 2f;
        var inner = mnist.Width - (2 * Margin);
        var leaned = mnist.Place(inner, inner, _ => new Placement(center, center, 1, Lean));
        var coarse = leaned.Shrink(Block).Recolor(ink => MathF.Pow(ink, Bend));
        return MnistLayout.Apply(coarse);
    }
}
