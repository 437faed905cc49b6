using TransferLearning.Network;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Network;

/// <summary>L2-SP and plain L2.</summary>
public sealed class StartingPointPenaltyParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["l2_sp"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var parameters = new[] { inputs["weight"], inputs["bias"] };
        var penalty = StartingPointPenalty.HalfSquares(parameters, [inputs["source_weight"], inputs["source_bias"]]);
        return new ParityResult()
            .With("l2_sp", penalty)
            .With("l2", StartingPointPenalty.HalfSquares(parameters, null))
            .Differentiate(penalty);
    }
}
