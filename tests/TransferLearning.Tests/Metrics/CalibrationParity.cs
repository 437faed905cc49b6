using TransferLearning.Evaluation;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Metrics;

/// <summary>Expected calibration error.</summary>
public sealed class CalibrationParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["expected_calibration_error"];

    public ParityResult Compute(ParityInputs inputs) =>
        new ParityResult()
            .With(
                "ece",
                ExpectedCalibrationError.Of(inputs["logits"].softmax(1), inputs["labels"], inputs.Integer("n_bins"))
            )
            .With("accuracy", AccuracyInterval.Of(inputs["logits"], inputs["labels"]).Value);
}
