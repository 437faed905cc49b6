using TransferLearning;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace DigitAdaptation.Methods;

/// <summary>Looks on: measures after every epoch how well the target's test images are read.</summary>
/// <param name="digits">The images.</param>
/// <param name="epoch">Is told the accuracy, 0 to 1.</param>
internal sealed class AccuracyCurve(DigitTensors digits, Action<double> epoch) : ITrainingObserver
{
    public void OnEpoch(EpochReport report)
    {
        using var model = new AdaptedModel(report.View.Extractor, report.View.Predictor);
        using var scope = NewDisposeScope();
        epoch(model.PredictClasses(digits.Test).eq(digits.TestLabels).to(float64).mean().item<double>());
    }
}
