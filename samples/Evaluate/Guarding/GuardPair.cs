namespace Evaluate.Guarding;

/// <summary>A decision: an adapted model and the one without adaptation that it stands against.</summary>
/// <param name="Plain">The one without adaptation.</param>
/// <param name="Adapted">The adapted one.</param>
/// <param name="LabelShift">The estimated total variation of the class shares.</param>
internal sealed record GuardPair(GuardOutcome Plain, GuardOutcome Adapted, double LabelShift)
{
    /// <summary>How much more of the target the adapted one reads right.</summary>
    public double Gain => Adapted.Accuracy - Plain.Accuracy;

    /// <summary>The accuracy of what a rule keeps.</summary>
    public double Kept(GuardRule rule) =>
        rule.Decide(this) switch
        {
            GuardChoice.Adapted => Adapted.Accuracy,
            GuardChoice.Mixture => Adapted.Mixture,
            _ => Plain.Accuracy,
        };

    /// <summary>How much better, or worse, than the plain model is what a rule keeps.</summary>
    public double Change(GuardRule rule) => Kept(rule) - Plain.Accuracy;
}
