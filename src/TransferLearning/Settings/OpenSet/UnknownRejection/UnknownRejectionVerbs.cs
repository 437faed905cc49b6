namespace TransferLearning.Settings;

/// <summary>Verbs for targets with classes that the source lacks.</summary>
public static class UnknownRejectionVerbs
{
    /// <summary>
    /// Lets the model say "unknown", its last class, of rows that a rule finds to be of none of the source's classes.
    /// </summary>
    /// <param name="builder">The chain; a stage with a predictor comes before.</param>
    /// <param name="rule">The rule. Default <see cref="EntropyRule"/>.</param>
    public static AdaptationBuilder RejectUnknown(this AdaptationBuilder builder, IUnknownRule? rule = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new UnknownRejection(rule ?? new EntropyRule()));
    }
}
