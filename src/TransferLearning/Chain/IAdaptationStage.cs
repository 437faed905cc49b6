namespace TransferLearning;

/// <summary>One step of an adaptation: it takes the state so far and returns a richer one.</summary>
/// <remarks>
/// Weighting, mapping, boosting and network training are all stages, so they chain in any sensible order.
/// </remarks>
public interface IAdaptationStage
{
    /// <summary>The stage's name in errors, logs and progress.</summary>
    string Name => GetType().Name;

    /// <summary>
    /// The parts that the caller brought to the stage: a checkpoint of an earlier stage keeps their initial state.
    /// </summary>
    IEnumerable<IPart> Parts => [];

    /// <summary>
    /// Whether the stage works on source rows, so that it cannot stand in a chain that is fitted without them. Default
    /// true.
    /// </summary>
    bool NeedsSource => true;

    /// <summary>
    /// Whether the stage works on target rows, so that it cannot stand in a chain that is fitted without them. Default
    /// true.
    /// </summary>
    bool NeedsTarget => true;

    /// <summary>
    /// Whether the stage can begin a chain whose rows are token numbers (int64 or int32): it passes them through an
    /// extractor. Default false: the stage computes on numbers, and is refused there.
    /// </summary>
    bool TakesTokens => false;

    /// <summary>
    /// Whether the few labeled target rows of a fit can change what the stage makes. Default true; a run with such rows
    /// warns of a stage that says false.
    /// </summary>
    bool TakesLabeledTarget => true;

    /// <summary>
    /// Checks, before anything is computed, that the stage can work on what the earlier ones will leave.
    /// </summary>
    /// <param name="plan">What is known of the rows, labels and parts at this point of the chain.</param>
    /// <returns>The plan that the next stage meets; faults are added with <see cref="ChainPlan.Fault"/>.</returns>
    ChainPlan Plan(ChainPlan plan);

    /// <summary>Does the work.</summary>
    /// <param name="state">Domains, map, extractor and predictor as the earlier stages left them.</param>
    /// <param name="run">The run: options, randomness, ownership of results, resume.</param>
    /// <returns>The state for the next stage. The stage disposes nothing that it was given.</returns>
    AdaptationState Fit(AdaptationState state, FitRun run);
}
