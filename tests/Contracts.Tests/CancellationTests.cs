using System.Reflection;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using static Contracts.Tests.CompiledCode;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// Who cancels a fit waits for one native call at most: whatever loops over such calls looks at the token in every
/// turn.
/// </summary>
public sealed class CancellationTests
{
    // Their turns are few, a class, a source, a voter or a block of a step's rows each, or they hold no work: copies,
    // disposals, checks.
    private static readonly string[] Short =
    [
        "Adversarial.BoundaryRefinement",
        "Augmentation.AugMix.Apply",
        "Augmentation.DrawnOperations.Apply",
        "Augmentation.GaussianBlur",
        "Augmentation.Sharpness.Of",
        "Consistency.JointMixture.Of",
        "Consistency.VirtualAdversarialTraining.Perturbation",
        "Instance.BoundedNetwork",
        "Instance.MultiSourceTrAdaBoost.Best",
        "Instance.TaskTrAdaBoost.Pick",
        "Consistency.DistributionAligningRefinery.Refined",
        "Consistency.SimMatch.OnStepped",
        "Instance.TwoStageTrAdaBoostR2.Lowered",
        "Internal.DomainChecks",
        "Internal.LeadingEigenvectors.Lanczos",
        "Internal.LimitedMemoryBfgs.Direction",
        "Internal.TestTime+ByBatch",
        "Internal.MovingAverage.Follow",
        "Internal.StateFile", // a file is written whole or not at all
        "Kernels.NystromFeatures.Read",
        "Mapping.BranchDisagreement.Between",
        "Mapping.CentralMomentDiscrepancy.Of",
        "Mapping.ClassRows.Draw",
        "Mapping.DiagonalMixture.Spread",
        "Mapping.MiniBatchTransport.Batches",
        "Mapping.ProportionPlan.Of",
        "Mapping.ScalingKernel..ctor",
        "Network.BottleneckAdapter..ctor",
        "Network.CoTuning.Evaluate",
        "Network.ElasticWeightConsolidation",
        "Network.LayerReset",
        "Network.LayerTransfer.Copy",
        "Network.StartingPointPenalty.Dispose",
        "Network.SynapticIntelligence.OnStepped",
        "Objectives.SquaredError.Evaluate",
        "Predictors.TreePredictor",
        "SelfTraining.CentroidPseudoLabels.Labels",
        "Settings.GradientMatching",
        "Settings.MetaLearning",
        "Settings.WeightMean",
        "SelfTraining.MarginalEntropy",
        "SelfTraining.TestTimeEntropy",
        "SelfSupervision.ContrastivePredictiveCoding.Of",
        "Training.BatchSampler.Dispose",
        "Training.BorrowedModules",
        "Training.Fingerprint.Hash",
        "Training.GradientClipping.Clip",
        "Training.LossWatch.Dispose",
        "Training.SharedSteps.Gradients",
        "Training.MasterWeights",
        "Training.PhaseUpdates.Descend",
        "Training.PhaseUpdates.IsUnscaled",
        "ZeroShot.SemanticRows.Faults",
    ];

    [Fact]
    public void EveryLoopOfAFit_LooksAtTheToken()
    {
        var library = typeof(AdaptationBuilder).Assembly;
        var own = Methods(library).ToList();
        var calls = own.ToDictionary(method => method, method => Called(method).ToHashSet());
        var looks = own.Where(method => calls[method].Any(IsLook)).ToHashSet();
        for (var grows = true; grows; )
        {
            grows =
                own.Count(method => !looks.Contains(method) && calls[method].Overlaps(looks) && looks.Add(method)) > 0;
        }
        var blind = new SortedSet<string>(StringComparer.Ordinal);
        // A graph is written after a fit.
        foreach (var method in own.Where(it => !it.Name.EndsWith("IGraphPart.Write", StringComparison.Ordinal)))
        {
            foreach (var loop in Loops(method))
            {
                if (loop.Any(IsOfTensors) && !loop.Any(called => IsLook(called) || looks.Contains(called)))
                {
                    blind.Add($"{method.DeclaringType!.FullName}.{method.Name}");
                }
            }
        }

        var open = blind.Where(name =>
            !Array.Exists(Short, known => name.StartsWith($"TransferLearning.{known}", StringComparison.Ordinal))
        );
        Assert.True(!open.Any(), string.Join(Environment.NewLine, open));
        Assert.All(
            Short,
            known =>
                Assert.Contains(blind, name => name.StartsWith($"TransferLearning.{known}", StringComparison.Ordinal))
        );
    }

    // Operators aside: they stand in every formula.
    private static bool IsOfTensors(MethodBase called) =>
        (called.DeclaringType == typeof(Tensor) && !called.IsSpecialName)
        || (IsTwin(called) && !called.Name.StartsWith("op_", StringComparison.Ordinal));

    // They compute what no token could stop: a view of the rows.
    private static readonly string[] Immediate = ["Mapping.FeatureAugmentation.Fit", "Mapping.UnitLength.Fit"];

    /// <summary>What takes a context can be called by itself: its token rules the thread as a run's does.</summary>
    [Fact]
    public void EveryMethodWithAContext_LetsItsTokenRuleTheThread()
    {
        var deaf = Methods(typeof(AdaptationBuilder).Assembly)
            .Where(method => IsOffered(method) && !method.IsAbstract)
            .Where(method => !Called(method).Any(called => IsRule(called) || IsOffered(called)))
            .Select(method => $"{method.DeclaringType!.FullName}.{method.Name}")
            .Order(StringComparer.Ordinal);

        Assert.Equal(Immediate.Select(name => $"TransferLearning.{name}"), deaf);

        static bool IsOffered(MethodBase method) =>
            method.IsPublic
            && method.DeclaringType is { IsVisible: true } type
            && type != typeof(FitContext)
            && method.GetParameters().Any(parameter => parameter.ParameterType == typeof(FitContext));
        static bool IsRule(MethodBase called) => called is { Name: "By", DeclaringType.Name: "Canceling" };
    }

    [Fact]
    public void Fit_ByItselfWithACanceledContext_Stops()
    {
        using var scope = NewDisposeScope();
        var (source, target) = (Toy.Source(), Toy.LabeledTarget());
        var context = new FitContext { Cancellation = new CancellationToken(canceled: true) };

        Assert.Throws<OperationCanceledException>(() => new AutoencoderFeatures().Fit(source.Inputs, context));
        Assert.Throws<OperationCanceledException>(() =>
            new LinearInterpolation(new LogisticRegression()).Fit(source, target, context)
        );
    }

    private static bool IsLook(MethodBase called) =>
        called.Name is "ThrowIfCancellationRequested" or "get_IsCancellationRequested";

    /// <summary>A learner has no token of its own: the run's stops it too.</summary>
    [Fact]
    public void Fit_CanceledInTheMiddleOfALearner_Stops()
    {
        using var scope = NewDisposeScope();
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() =>
            new AdaptationBuilder()
                .Learn(new StoppedLearner(new LogisticRegression(), stop))
                .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), cancellationToken: stop.Token)
        );
    }

    /// <summary>Rows outside memory are mapped 4,096 at a time; who cancels waits for one such run.</summary>
    [Fact]
    public void Fit_CanceledWhileAStreamIsMapped_ReadsNoFurther()
    {
        using var scope = NewDisposeScope();
        using var stop = new CancellationTokenSource();
        var rows = new Stopping(rand(20_000, 4), stop);

        Assert.Throws<OperationCanceledException>(() =>
            new AdaptationBuilder()
                .Map(new Passing(rows))
                .Learn(new NearestNeighbor())
                .Fit(Toy.Source(), new UnlabeledDomain(rows), cancellationToken: stop.Token)
        );

        Assert.Equal(1, rows.Reads);
    }

    /// <summary>Rows that cancel the run when they are read after <see cref="IsArmed"/>.</summary>
    private sealed class Stopping(Tensor all, CancellationTokenSource stop) : IRowSource
    {
        public long Count => all.shape[0];

        public bool IsArmed { get; set; }

        public int Reads { get; private set; }

        public Tensor Read(Tensor rows)
        {
            if (IsArmed)
            {
                Reads++;
                stop.Cancel();
            }
            return all.index_select(0, rows);
        }
    }

    private sealed class Passing(Stopping rows) : IFeatureMapping
    {
        public IFeatureExtractor Fit(DomainSet domains, FitContext context)
        {
            rows.IsArmed = true;
            return new UnitLength();
        }
    }

    private sealed class StoppedLearner(ILabelLearner inner, CancellationTokenSource stop) : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain data)
        {
            stop.Cancel();
            return inner.Fit(data);
        }
    }
}
