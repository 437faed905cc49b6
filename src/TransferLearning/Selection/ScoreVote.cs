namespace TransferLearning.Selection;

/// <summary>How a validator judges two models.</summary>
/// <param name="Score">The validator.</param>
/// <param name="Plain">Its value of the model that was not adapted.</param>
/// <param name="Adapted">Its value of the adapted model; higher is better.</param>
public sealed record ScoreVote(string Score, double Plain, double Adapted)
{
    /// <summary>
    /// 1 where the adapted model is better, one half where both are alike or one has no number, else 0.
    /// </summary>
    public double ForAdapted =>
        Adapted > Plain ? 1
        : Adapted < Plain ? 0
        : 0.5;
}
