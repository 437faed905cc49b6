namespace DigitAdaptation.Digits;

/// <summary>
/// Where a digit goes in a new image: the point (<see cref="Y"/>, <see cref="X"/>) of the old image comes to the center
/// of the new one, enlarged by <see cref="Scale"/>, its upper half leaned to the left by <see cref="Lean"/> columns a
/// row.
/// </summary>
/// <param name="Y">Rows from the upper edge; the first pixel's center is at 0.5.</param>
/// <param name="X">Columns from the left edge.</param>
/// <param name="Scale">New pixels an old one.</param>
/// <param name="Lean">Columns to the left for every row up; 0 keeps the digit upright.</param>
public readonly record struct Placement(float Y, float X, float Scale, float Lean = 0)
{
    /// <summary>The old position of a new pixel's center, given as an offset from the new image's center.</summary>
    public (float Y, float X) Before(float down, float right) =>
        (Y + (down / Scale), X + ((right - (Lean * down)) / Scale));
}
