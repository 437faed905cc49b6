using System.Collections.Concurrent;
using System.Reflection;
using TransferLearning.Instance;
using TransferLearning.Internal;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using static Contracts.Tests.CompiledCode;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// What predicts, and the training loop, makes no <c>Scalar</c> that another thread's collection can take from under a
/// native call.
/// </summary>
public sealed class ScalarTests(ITestOutputHelper output)
{
    private static readonly Assembly[] Libraries =
    [
        typeof(AdaptationBuilder).Assembly,
        typeof(TransferLearning.Vision.Backbone).Assembly,
        typeof(TransferLearning.Onnx.OnnxExtractor).Assembly,
        typeof(TransferLearning.Tabular.Table).Assembly,
    ];

    // They hold their numbers by "using" until the call is over.
    private static readonly string[] Holding =
    [
        "TransferLearning.Onnx.OnnxExtractor.Pooled",
        "TransferLearning.Vision.ImageDecoder.Oriented",
        "TransferLearning.Vision.Residual.forward",
    ];

    private static readonly string[] Predicting =
    [
        "Extract",
        "Predict",
        "Judge",
        "Translate",
        "forward",
        "Matrix",
        "Pairwise",
    ];

    [Fact]
    public void PredictionAndTrainingLoop_ConvertNoNumberImplicitly()
    {
        var loose = LooseMethods();
        var libraries = Libraries.ToHashSet();
        var own = libraries.SelectMany(Methods).ToList();
        var reached = own.Where(method =>
                Predicting.Contains(method.Name)
                || (method.Name == "Read" && typeof(IRowSource).IsAssignableFrom(method.DeclaringType))
                || method.DeclaringType == typeof(AdaptedModel)
                || method.DeclaringType == typeof(CalibratedModel)
                || method.DeclaringType == typeof(ConformalPredictor)
                || method.DeclaringType == typeof(HashCodes)
                || method.DeclaringType!.Namespace == "TransferLearning.Training"
                    && method.DeclaringType.FullName!.Contains("TrainingLoop", StringComparison.Ordinal)
            )
            .Where(method => method.DeclaringType != typeof(LivingScalars))
            .ToHashSet();
        var open = new Queue<MethodBase>(reached);
        var faults = new SortedSet<string>(StringComparer.Ordinal);
        while (open.TryDequeue(out var method))
        {
            foreach (var called in Called(method))
            {
                var isHeld = Holding.Contains($"{method.DeclaringType!.FullName}.{method.Name}");
                if (loose.Contains(called) && !isHeld)
                {
                    faults.Add(
                        $"{method.DeclaringType!.FullName}.{method.Name} calls "
                            + $"{called.DeclaringType!.Name}.{called.Name}"
                    );
                }
                var isPredicting =
                    called.DeclaringType is { } type
                    && libraries.Contains(type.Assembly)
                    && type != typeof(LivingScalars);
                if (isPredicting && !IsFit(called) && reached.Add(called))
                {
                    open.Enqueue(called);
                }
            }
        }

        Assert.True(reached.Count > 100, $"{reached.Count} methods looked at");
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    // A minute of 4 predicting threads, 1 that trains and 1 that collects all the time.
    [LongFact]
    public void Predict_WhileAnotherThreadCollects_IsAlwaysRight()
    {
        using var scope = NewDisposeScope();
        var (source, target) = (Toy.Source(rows: 60), Toy.LabeledTarget(rows: 40));
        AdaptationBuilder[] chains =
        [
            new AdaptationBuilder()
                .Map(new TransferComponentAnalysis { Components = 3 })
                .Learn(new LogisticRegression()),
            new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new NearestNeighbor()),
            new AdaptationBuilder().Map(new OptimalTransport()).Learn(new LogisticRegression()),
            new AdaptationBuilder().Add(new TrAdaBoost(DecisionTree.Stump) { Rounds = 6 }),
        ];
        var models = chains.Select(chain => chain.FitFewShot(source, target.WithoutLabels(), target)).ToArray();
        var inputs = target.Inputs;
        var expected = models.Select(model => model.Predict(inputs).contiguous().bytes.ToArray()).ToArray();
        var (ours, others, end) = (
            new ConcurrentBag<string>(),
            new ConcurrentBag<string>(),
            DateTime.UtcNow.AddSeconds(60)
        );
        long predictions = 0;
        Thread Started(Action work)
        {
            var thread = new Thread(() =>
            {
                while (DateTime.UtcNow < end)
                {
                    work();
                }
            });
            thread.Start();
            return thread;
        }
        void Predict(int k)
        {
            try
            {
                using var inner = NewDisposeScope();
                if (!models[k].Predict(inputs).contiguous().bytes.SequenceEqual(expected[k]))
                {
                    ours.Add($"model {k} predicted otherwise");
                }
                Interlocked.Increment(ref predictions);
            }
            catch (Exception fault)
            {
                ours.Add($"model {k}: {fault.Message}");
            }
        }
        void Train()
        {
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            try
            {
                new AdaptationBuilder()
                    .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                    .Fit(source, target.WithoutLabels(), new FitOptions { Training = new() { Steps = 20 } })
                    .Dispose();
            }
            catch (Exception fault)
            {
                // TorchSharp's own optimizers and layers convert numbers too: docs/architecture.md.
                (IsTorchSharps(fault) ? others : ours).Add(fault.ToString());
            }
        }

        Thread[] threads =
        [
            .. Enumerable.Range(0, models.Length).Select(k => Started(() => Predict(k))),
            Started(Train),
            Started(GC.Collect),
        ];
        Array.ForEach(threads, thread => thread.Join());

        Array.ForEach(models, model => model.Dispose());
        output.WriteLine($"{predictions} predictions; {others.Count} faults in TorchSharp's own optimizers and layers");
        Assert.True(predictions > 1000, $"{predictions} predictions");
        Assert.True(ours.IsEmpty, string.Join(Environment.NewLine, ours.Take(5)));
    }

    // Whether TorchSharp's own code called TorchSharp with the number: the innermost caller outside of its tensors is
    // an optimizer or a module.
    private static bool IsTorchSharps(Exception fault) =>
        fault
            .StackTrace?.Split('\n')
            .FirstOrDefault(line =>
                !line.Contains("TorchSharp.torch.", StringComparison.Ordinal)
                && !line.Contains("CheckForErrors", StringComparison.Ordinal)
            )
            ?.Contains("TorchSharp.Modules", StringComparison.Ordinal) == true;

    // Fits happen once and on one thread; predictors are used by many.
    private static bool IsFit(MethodBase method) =>
        method.Name.Contains("Fit", StringComparison.Ordinal)
        || method.Name is "Plan" or "Exchange" or "Evaluate"
        || method.DeclaringType!.FullName!.Contains("TrainingChecks", StringComparison.Ordinal);

    // TorchSharp's methods that turn a number into a Scalar somewhere below, and hold it by nothing.
    private static HashSet<MethodBase> LooseMethods()
    {
        var calls = Methods(typeof(Scalar).Assembly)
            .Where(method => method.DeclaringType!.Namespace?.Contains("Modules", StringComparison.Ordinal) != true)
            .ToDictionary(method => method, method => Called(method).ToList());
        var loose = calls
            .Keys.Where(method =>
                method.DeclaringType == typeof(Scalar) && method.Name == "op_Implicit"
                || method.DeclaringType == typeof(ScalarExtensionMethods)
            )
            .ToHashSet();
        for (var grows = true; grows; )
        {
            grows = false;
            foreach (var (method, called) in calls)
            {
                grows |= called.Exists(loose.Contains) && loose.Add(method);
            }
        }
        return loose;
    }
}
