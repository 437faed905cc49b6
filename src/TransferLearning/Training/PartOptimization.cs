namespace TransferLearning.Training;

/// <summary>A part's own way of being optimized; the chain checks the plan inside it.</summary>
/// <param name="Part">The part.</param>
/// <param name="Factory">Makes its optimizers, or null for the stage's default.</param>
/// <param name="Plan">Groups its parameters, or null for one group of all.</param>
internal sealed record PartOptimization(IPart Part, OptimizerFactory? Factory, IParameterPlan? Plan) : IPlanned;
