namespace DigitAdaptation.Digits;

/// <summary>
/// A shift made by hand: the digits of a data set as another scanner and other writers might have given them. They lean, are
/// counted down to 8x8 pixels, and lose contrast; then they take MNIST's layout again.
/// </summary>
public static class MadeShift
{
    private const int Margin = 2;
    private const int Block = 3;
    private const float Lean = 0.5f;
    private const float Fading = 0.6f;

    /// <summary>The shifted images, with the same labels.</summary>
    /// <param name="mnist">Images of 28x28 pixels.</param>
    public static DigitImages Apply(DigitImages mnist)
    {
        var centre = mnist.Width / 2f;
        var inner = mnist.Width - (2 * Margin);
        var leant = mnist.Place(inner, inner, _ => new Placement(centre, centre, 1, Lean));
        var coarse = leant.Shrink(Block).Recolour(ink => MathF.Pow(ink, Fading));
        return MnistLayout.Apply(coarse);
    }
}
