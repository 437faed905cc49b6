using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Made series of sensors: what a person does is a form of wave, and each person moves in a way of their own.
/// </summary>
internal static class Series
{
    /// <summary>
    /// Two channels of 48 steps. Three classes: a sine, a sine with its third harmonic, and one that swells; a person
    /// is known by the pace, the strength of the channels, and a tremor.
    /// </summary>
    /// <param name="rows">How many series.</param>
    /// <param name="seed">The draws.</param>
    /// <param name="pace">The factor of the frequency.</param>
    /// <param name="strength">The factor of the first channel; the second has its inverse.</param>
    /// <param name="tremor">The size of a fast wave on top.</param>
    /// <param name="shares">The share of each class; null for thirds.</param>
    public static LabeledDomain Person(
        long rows,
        long seed,
        double pace,
        double strength,
        double tremor,
        double[]? shares = null
    )
    {
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(seed).Generator();
        Tensor Even(double least, double most) => (rand([rows, 1], generator: generator) * (most - least)) + least;
        var labels = shares is null
            ? arange(rows, dtype: int64).remainder(3)
            : cat([.. shares.Select((share, c) => full((long)Math.Round(share * rows), c, int64))]);
        var time = arange(48, dtype: float32).unsqueeze(0) / 48 * (2 * Math.PI);
        var phase = (time * Even(3.6, 4.4) * pace) + Even(0, 2 * Math.PI);
        var swell = ((time * Even(0.8, 1.2)) + Even(0, 2 * Math.PI)).cos() * 0.6;
        Tensor Of(long c) => labels.eq(c).to(float32).unsqueeze(1);
        var wave = (phase.sin() * (1 + (Of(2) * swell))) + (Of(1) * (phase * 3).sin() * 0.4);
        var shaking = (time * 17 + Even(0, 2 * Math.PI)).sin() * tremor;
        Tensor Noise() => randn([rows, 48], generator: generator) * 0.25;
        var inputs = stack(
            [(wave * strength) + shaking + Noise(), (wave.roll(6, 1) / strength) + (shaking * 0.5) + Noise()],
            1
        );
        return new LabeledDomain(
            inputs.MoveToOuterDisposeScope(),
            labels.MoveToOuterDisposeScope(),
            space: LabelSpace.Classes(3)
        );
    }
}
