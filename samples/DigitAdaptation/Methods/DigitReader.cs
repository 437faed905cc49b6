using DigitAdaptation.Experiments;
using TransferLearning;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace DigitAdaptation.Methods;

/// <summary>
/// What all methods share: the images, a network made from the run's seed, the options, and the judgment.
/// </summary>
internal sealed class DigitReader : IDisposable
{
    private const int Pictured = 300;
    private readonly MethodRun _run;

    public DigitReader(MethodRun run)
    {
        _run = run;
        random.manual_seed(run.Seed);
        Digits = new DigitTensors(run.Task);
        Extractor = new ModulePart(LeNet.Extractor);
        Predictor = new ModulePart(LeNet.Predictor);
        Critic = new ModulePart(LeNet.Critic);
    }

    public DigitTensors Digits { get; }

    public ModulePart Extractor { get; }

    public ModulePart Predictor { get; }

    public ModulePart Critic { get; }

    /// <summary>Training options for a share of the run's epochs.</summary>
    public TrainingOptions Training(double rate = 1e-3, double share = 1) =>
        new()
        {
            Epochs = Math.Max(1, (int)Math.Round(_run.Epochs * share)),
            Optimizer = parameters => optim.Adam(parameters, rate),
            BatchSize = 32,
            LearningRate = Schedule.Cosine(),
        };

    /// <summary>The run's seed and a way to train.</summary>
    public FitOptions Options(TrainingOptions? training = null) =>
        new() { Seed = _run.Seed, Training = training ?? Training() };

    /// <summary>The same, drawing the training curve.</summary>
    public FitOptions WithCurve(TrainingOptions? training = null) =>
        Options(training) with
        {
            Observers = [new AccuracyCurve(Digits, _run.Epoch)],
        };

    /// <summary>Adapts to the target without its labels, drawing the training curve, and judges the model.</summary>
    public MethodOutcome Adapt(
        AdaptationBuilder pipeline,
        TrainingOptions? training = null,
        AdversarialDiagnosis? diagnosis = null
    )
    {
        var options = WithCurve(training);
        using var model = pipeline.Fit(
            Digits.Source,
            Digits.Target,
            diagnosis is null ? options : options with { Observers = [.. options.Observers, diagnosis] }
        );
        return Judge(model) with { Diagnosis = diagnosis?.Report().ToHtml(isPage: false) };
    }

    /// <summary>Reads the test images and keeps some features for the picture.</summary>
    public MethodOutcome Judge(AdaptedModel model)
    {
        using var scope = NewDisposeScope();
        var source = Digits.Source.Inputs.narrow(0, 0, Math.Min(Pictured, Digits.Source.Count));
        var target = Digits.Test.narrow(0, 0, Math.Min(Pictured, Digits.Test.shape[0]));
        return new MethodOutcome(
            model.PredictClasses(Digits.Test).cpu().data<long>().ToArray(),
            new FeatureSample(
                Rows(model.Features(source, DomainId.Source(0))),
                [.. _run.Task.Source.Labels.Take((int)source.shape[0])],
                Rows(model.Features(target)),
                [.. _run.Task.TargetTest.Labels.Take((int)target.shape[0])]
            )
        );
    }

    public void Dispose()
    {
        Extractor.Dispose();
        Predictor.Dispose();
        Critic.Dispose();
        Digits.Dispose();
    }

    private static float[][] Rows(Tensor features) =>
        [.. features.cpu().to(float32).contiguous().data<float>().ToArray().Chunk((int)features.shape[1])];
}
