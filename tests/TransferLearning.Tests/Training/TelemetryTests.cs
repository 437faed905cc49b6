using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Google.Protobuf;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>What fits and predictions tell to who listens: activities, instruments, TensorBoard's files.</summary>
public sealed class TelemetryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<Activity> heard = new();
    private readonly ActivitySource parents = new("tests of telemetry");
    private readonly ActivityListener listener;

    public TelemetryTests()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.SourceName || source == parents,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = heard.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
    }

    [Fact]
    public void Fit_OfTwoStages_IsAnActivityWithOneForEachInside()
    {
        ActivityTraceId own;
        using (var parent = parents.StartActivity("test"))
        {
            own = parent!.TraceId;
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            using var model = new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Learn(new NearestNeighbor())
                .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Steps(3));
        }

        var stages = heard.Where(it => it.TraceId == own && it.OperationName == "stage").ToList();
        var fit = Assert.Single(heard, it => it.TraceId == own && it.OperationName == "fit");
        Assert.All(stages, stage => Assert.Equal(fit.SpanId, stage.ParentSpanId));
        Assert.Equal([(1, "NetworkTraining"), (2, "NearestNeighbor")], stages.Select(Tags));
        Assert.Equal(ActivityStatusCode.Unset, fit.Status);
    }

    [Fact]
    public void Fit_ThatFails_IsAnActivityWithTheError()
    {
        ActivityTraceId own;
        using (var parent = parents.StartActivity("test"))
        {
            own = parent!.TraceId;
            Assert.Throws<InvalidOperationException>(() =>
                new AdaptationBuilder().Learn(new Failing()).Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
            );
        }

        var told = heard.Where(it => it.TraceId == own && it.OperationName != "test").ToList();
        Assert.Equal(["fit", "stage"], told.Select(it => it.OperationName).Order());
        Assert.All(
            told,
            it => Assert.Equal((ActivityStatusCode.Error, "no solution"), (it.Status, it.StatusDescription))
        );
    }

    [Fact]
    public void Fit_ThatIsRefused_IsAnActivityWithTheFaults()
    {
        ActivityTraceId own;
        using (var parent = parents.StartActivity("test"))
        {
            own = parent!.TraceId;
            Assert.Throws<InvalidAdaptationException>(() =>
                new AdaptationBuilder().Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
            );
        }

        var fit = Assert.Single(heard, it => it.TraceId == own && it.OperationName == "fit");
        Assert.Equal(ActivityStatusCode.Error, fit.Status);
        Assert.Contains("the chain has no stage", fit.StatusDescription, StringComparison.Ordinal);
    }

    [Fact]
    public void Instruments_CountStepsAndRows()
    {
        var counted = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Meter.Name == Telemetry.SourceName)
            {
                it.EnableMeasurementEvents(instrument);
            }
        };
        var thread = Environment.CurrentManagedThreadId; // other tests fit and predict meanwhile
        void Heard(string name, double value)
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                counted.AddOrUpdate(name, value, (_, sum) => sum + value);
            }
        }
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Heard(instrument.Name, value));
        meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => Heard(instrument.Name, value));
        meters.Start();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Steps(3));
        model.Predict(Toy.LabeledTarget().Inputs, batchSize: 50);

        Assert.Equal(3, counted["transferlearning.training.steps"]);
        Assert.Equal(80, counted["transferlearning.predicted.rows"]);
        Assert.True(counted["transferlearning.prediction.duration"] > 0);
    }

    [Fact]
    public void TensorBoardLog_OfAFit_HoldsItsCurves()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var seen = new Losses();
        var options = Steps(7) with { Observers = [new TensorBoardLog(folder.File("run")) { EverySteps = 3 }, seen] };

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), options);

        var written = Events(Assert.Single(Directory.GetFiles(folder.File("run"))));
        Assert.Equal([3L, 6L, 7L], written.Select(it => it.Step));
        Assert.All(
            written,
            it => Assert.Equal(("stage 1/CrossEntropy", (float)seen.Values[(int)it.Step - 1]), (it.Tag, it.Value))
        );
        Assert.Throws<ArgumentException>(() => new TensorBoardLog(""));
    }

    public void Dispose()
    {
        listener.Dispose();
        parents.Dispose();
        folder.Dispose();
        scope.Dispose();
    }

    private static (int, string) Tags(Activity stage) =>
        ((int)stage.GetTagItem("stage.number")!, (string)stage.GetTagItem("stage.name")!);

    private static FitOptions Steps(long steps) => new() { Training = new TrainingOptions { Steps = steps } };

    // TFRecord: length, its checksum, an Event, its checksum.
    private static List<(long Step, string Tag, float Value)> Events(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var found = new List<(long, string, float)>();
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var length = reader.ReadInt64();
            reader.ReadInt32();
            var one = Tensorboard.Event.Parser.ParseFrom(reader.ReadBytes((int)length));
            reader.ReadInt32();
            found.AddRange((one.Summary?.Value ?? []).Select(it => (one.Step, it.Tag, it.SimpleValue)));
        }
        return found;
    }

    private sealed class Losses : ITrainingObserver
    {
        public List<double> Values { get; } = [];

        public void OnStep(StepReport report) => Values.Add(report.Objectives.Single().Value);
    }

    private sealed class Failing : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain data) => throw new InvalidOperationException("no solution");
    }
}
