using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Finds how much mass each source row sends to each target row.</summary>
public interface ITransportSolver : IPlanned
{
    /// <summary>The transport plan.</summary>
    /// <param name="problem">Costs, weights and what else the solver may use.</param>
    /// <returns>The plan, float64 <c>[n, m]</c>, without gradient; the caller disposes it.</returns>
    Tensor Plan(TransportProblem problem);
}
