using TransferLearning.Settings;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Settings;

/// <summary>OSBP's cross-entropy of the unknown class.</summary>
public sealed class UnknownBoundaryParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["osbp_unknown_bce"];

    public ParityResult Compute(ParityInputs inputs) =>
        new ParityResult().With("loss", UnknownBoundary.Of(inputs["logits"], inputs.Number("t"), inputs.Number("eps")));
}
