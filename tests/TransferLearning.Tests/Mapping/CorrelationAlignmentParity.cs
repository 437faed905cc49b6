using TransferLearning.Mapping;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Mapping;

/// <summary>CORAL's map and Deep CORAL's penalty.</summary>
public sealed class CorrelationAlignmentParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["coral_transform", "coral_transform_unit_ridge", "deep_coral"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        if (inputs.Function == "deep_coral")
        {
            return new ParityResult().With("loss", new DeepCorrelationAlignment().Between(source, target));
        }
        using var map = new CorrelationAlignment
        {
            Ridge = inputs.Number("lambda"),
            PenaltyScale = PenaltyScale.Absolute,
        }.Fit(source, target);
        return new ParityResult().With("source_transformed", map.Extract(source));
    }
}
