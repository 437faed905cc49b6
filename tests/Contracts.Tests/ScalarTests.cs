using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.PortableExecutable;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using static Contracts.Tests.CompiledCode;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>No code of the packages lets a collection take a <c>Scalar</c> from under a native call.</summary>
public sealed class ScalarTests(ITestOutputHelper output)
{
    private static readonly Assembly[] Libraries =
    [
        typeof(AdaptationBuilder).Assembly,
        typeof(TransferLearning.Distributed.MpiCommunicator).Assembly,
        typeof(TransferLearning.Vision.Backbone).Assembly,
        typeof(TransferLearning.Onnx.OnnxExtractor).Assembly,
        typeof(TransferLearning.Tabular.Table).Assembly,
    ];

    [Fact]
    public void EveryMethod_KeepsItsNumbersAlive()
    {
        var (loose, calls) = (LooseMethods(), 0);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var faults = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var method in Libraries.SelectMany(Methods))
        {
            var isTwin = IsTwin(method);
            foreach (var called in Called(method))
            {
                if (IsTwin(called))
                {
                    calls++;
                    taken.Add($"{called}");
                }
                if (loose.Contains(called) || (IsGiven(called) && !isTwin))
                {
                    faults.Add(
                        $"{method.DeclaringType!.FullName}.{method.Name} calls "
                            + $"{called.DeclaringType!.Name}.{called}: give it a twin in LivingScalars"
                    );
                }
            }
        }

        Assert.True(calls > 1000, $"{calls} calls go to a twin: did src/ScalarWeaver run?");
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
        var twins = Methods(typeof(AdaptationBuilder).Assembly).Where(IsTwin).Select(twin => $"{twin}");
        Assert.Empty(twins.Except(taken));
    }

    // The step of the build that lets calls go to their twins writes the assemblies anew.
    [Fact]
    public void EveryPackage_FindsItsSymbols() =>
        Assert.All(
            Libraries,
            library =>
            {
                using var file = new PEReader(File.OpenRead(library.Location));
                Assert.True(file.TryOpenAssociatedPortablePdb(library.Location, File.OpenRead, out var symbols, out _));
                symbols!.Dispose();
            }
        );

    // A minute of 5 predicting threads, 1 that trains networks, 1 that fits and 1 that collects all the time.
    [LongFact]
    public void PredictAndFit_WhileAnotherThreadCollects_AreAlwaysRight()
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
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        AdaptedModel[] models =
        [
            .. chains.Select(chain => chain.FitFewShot(source, target.WithoutLabels(), target)),
            Trained(extractor, predictor, source, target),
        ];
        var inputs = target.Inputs;
        var expected = models.Select(model => model.Predict(inputs).contiguous().bytes.ToArray()).ToArray();
        var (ours, others, end) = (
            new ConcurrentBag<string>(),
            new ConcurrentBag<string>(),
            DateTime.UtcNow.AddSeconds(60)
        );
        long predictions = 0;
        long fits = 0;
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
        void Fit()
        {
            try
            {
                using var inner = NewDisposeScope();
                for (var k = 0; k < chains.Length; k++)
                {
                    using var model = chains[k].FitFewShot(source, target.WithoutLabels(), target);
                    if (!model.Predict(inputs).contiguous().bytes.SequenceEqual(expected[k]))
                    {
                        ours.Add($"chain {k} was fitted otherwise");
                    }
                    Interlocked.Increment(ref fits);
                }
            }
            catch (Exception fault)
            {
                ours.Add(fault.ToString());
            }
        }
        void Train()
        {
            using var inner = NewDisposeScope();
            using var features = Toy.Extractor();
            using var head = Toy.Predictor();
            try
            {
                Trained(features, head, source, target).Dispose();
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
            Started(Fit),
            Started(GC.Collect),
        ];
        Array.ForEach(threads, thread => thread.Join());

        Array.ForEach(models, model => model.Dispose());
        output.WriteLine(
            $"{predictions} predictions, {fits} fits; {others.Count} faults in TorchSharp's own optimizers and layers"
        );
        Assert.True(predictions > 1000 && fits > 10, $"{predictions} predictions, {fits} fits");
        Assert.True(ours.IsEmpty, string.Join(Environment.NewLine, ours.Take(5)));
    }

    private static AdaptedModel Trained(
        ModulePart extractor,
        ModulePart predictor,
        LabeledDomain source,
        LabeledDomain target
    ) =>
        new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new Alignment(Recipes.MkMmd()))
                        .Minimize(new MinimumClassConfusion())
            )
            .Fit(source, target.WithoutLabels(), new FitOptions { Training = new() { Steps = 20 } });

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

    // TorchSharp's methods that make a Scalar of a number somewhere below, and hold it by nothing.
    private static HashSet<MethodBase> LooseMethods()
    {
        var calls = Methods(typeof(Scalar).Assembly)
            .Where(method => method.DeclaringType!.Namespace?.Contains("Modules", StringComparison.Ordinal) != true)
            .ToDictionary(method => method, method => Called(method).ToList());
        var loose = new HashSet<MethodBase>();
        for (var grows = true; grows; )
        {
            grows = false;
            foreach (var (method, called) in calls.Where(call => !IsMaking(call.Key)))
            {
                grows |= called.Exists(other => IsMaking(other) || loose.Contains(other)) && loose.Add(method);
            }
        }
        return loose;
    }

    // What it makes is in its caller's hands.
    private static bool IsMaking(MethodBase method) => (method as MethodInfo)?.ReturnType == typeof(Scalar);

    private static bool IsGiven(MethodBase method) =>
        method.DeclaringType?.Assembly == typeof(Scalar).Assembly
        && method.DeclaringType != typeof(Scalar)
        && Array.Exists(method.GetParameters(), parameter => parameter.ParameterType == typeof(Scalar));
}
