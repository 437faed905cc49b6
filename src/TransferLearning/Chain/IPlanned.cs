namespace TransferLearning;

/// <summary>
/// A description that a chain checks before anything is computed: weightings, maps, learners, objectives, and what
/// stands inside them.
/// </summary>
/// <remarks>
/// The chain finds these in the stages, in their parts, and in each other's properties and fields, lists included. Of
/// each it reads the options that declare their legal numbers (<see cref="OptionRangeAttribute"/>), and asks for
/// further faults. All faults of a chain come in one <see cref="InvalidAdaptationException"/>.
/// </remarks>
public interface IPlanned
{
    /// <summary>
    /// What else is wrong: options that do not go together, or with the data, and needs that the chain does not meet.
    /// Default nothing. Options may be out of their ranges here.
    /// </summary>
    /// <param name="plan">What is known of the rows, labels and parts that the description will meet.</param>
    /// <returns>The faults: each says what is wrong, what was expected, and what to do.</returns>
    IEnumerable<string> Faults(ChainPlan plan) => [];
}
