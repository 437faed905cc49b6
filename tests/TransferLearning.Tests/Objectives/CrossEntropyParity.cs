using TransferLearning.Objectives;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Objectives;

/// <summary>Cross-entropy with smoothed and with soft labels.</summary>
public sealed class CrossEntropyParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["label_smoothing_cross_entropy", "soft_target_cross_entropy"];

    public ParityResult Compute(ParityInputs inputs) =>
        new ParityResult().With(
            "loss",
            inputs.Function == "soft_target_cross_entropy"
                ? CrossEntropy.Of(inputs["logits"], inputs["targets"])
                : CrossEntropy.Of(inputs["logits"], inputs["labels"], labelSmoothing: inputs.Number("smoothing"))
        );
}
