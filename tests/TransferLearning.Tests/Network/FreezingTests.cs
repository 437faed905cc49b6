using TorchSharp.Modules;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>What of a network moves and from when, batch normalizations, layers as new, and the advice.</summary>
public sealed class FreezingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void FreezeLast_UntilAnEpoch_WakesThemThen()
    {
        using var network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2), nn.Linear(2, 2));
        List<string> Moving(FreezingPlan plan, long epoch) => Named(network, plan, epoch);

        Assert.Equal(["0.weight", "2.weight"], Moving(FreezingPlan.None.FreezeLast(1), 9));
        Assert.Equal(["2.weight"], Moving(FreezingPlan.None.FreezeFirst(1).FreezeLast(1), 9));
        Assert.Equal(["0.weight"], Moving(FreezingPlan.None.FreezeLast(2).Until(3), 2));
        Assert.Equal(["0.weight", "2.weight", "3.weight"], Moving(FreezingPlan.None.FreezeLast(2).Until(3), 3));
        Assert.Empty(Moving(FreezingPlan.None.Freeze(""), 9));
        // A child that would wake up later anyway does.
        var gradual = FreezingPlan.None.FreezeFirst(1).Until(1).UnfreezeGradually(2);
        Assert.Equal(["2.weight", "3.weight"], Moving(gradual, 3));
        Assert.Equal(["0.weight", "2.weight", "3.weight"], Moving(gradual, 4));
        Assert.Throws<ArgumentOutOfRangeException>("epoch", () => FreezingPlan.None.Until(0));
    }

    [Theory]
    [InlineData(NormalizationPolicy.Adapt, true, true)]
    [InlineData(NormalizationPolicy.KeepStatistics, false, true)]
    [InlineData(NormalizationPolicy.Freeze, false, false)]
    public void Normalizations_ByPolicy_KeepStatisticsOrAll(NormalizationPolicy policy, bool follow, bool move)
    {
        Toy.SeedModules(4);
        using var extractor = Toy.Extractor(hasNormalization: true);
        using var predictor = Toy.Predictor();
        var state = extractor.Module.state_dict();
        Tensor[] Now(params string[] names) => [.. names.Select(name => state[name].clone())];
        string[] statistics = ["norm.running_mean", "norm.running_var"];
        string[] scales = ["norm.weight", "norm.bias"];
        var (before, scaledBefore, first) = (Now(statistics), Now(scales), Now("first.weight"));

        Recipes
            .FineTune(extractor, predictor, FreezingPlan.None.Normalizations(policy))
            .FitWithoutTarget([Toy.Source(rows: 64)])
            .Dispose();

        static bool Same(Tensor[] one, Tensor[] other) =>
            one.Zip(other).All(pair => pair.First.equal(pair.Second).all().item<bool>());
        Assert.Equal(follow, !Same(before, Now(statistics)));
        Assert.Equal(move, !Same(scaledBefore, Now(scales)));
        Assert.False(Same(first, Now("first.weight")));
    }

    [Fact]
    public void Normalizations_Kept_PassInTrainingAsInEvaluation()
    {
        Toy.SeedModules(4);
        using var extractor = Toy.Extractor(hasNormalization: true);
        using var predictor = Toy.Predictor();
        var modes = new List<(bool Whole, bool Normalization)>();

        Recipes
            .FineTune(
                extractor,
                predictor,
                FreezingPlan.None.Normalizations(NormalizationPolicy.KeepStatistics),
                loss: new Watching(extractor, modes)
            )
            .FitWithoutTarget([Toy.Source(rows: 64)], new FitOptions { Training = new TrainingOptions { Steps = 2 } })
            .Dispose();

        Assert.Equal([(true, false), (true, false)], modes.TakeLast(2)); // the first ones are of the plan's trial
    }

    [Fact]
    public void LayerTransfer_OfTheLastLayers_CopiesAndHoldsThem()
    {
        Toy.SeedModules(6);
        using var trained = Toy.Extractor();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var transfer = new LayerTransfer(1) { IsLast = true, Freezes = true };
        Tensor Of(ModulePart part, string name) => part.Module.get_parameter(name)!;

        transfer.Copy(trained.Module, extractor.Module);

        Assert.True(Of(extractor, "second.weight").equal(Of(trained, "second.weight")).all().item<bool>());
        Assert.False(Of(extractor, "first.weight").equal(Of(trained, "first.weight")).all().item<bool>());
        Assert.Equal(["first.weight"], Named(extractor.Module, transfer, 9));
        var both = new LayerTransfer(1) { Freezes = true, FrozenEpochs = 2 };
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Optimize(extractor, plan: both))
                .FitWithoutTarget([Toy.Source()])
        );
        Assert.Contains("FrozenEpochs", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FreezeThenAll_HoldsTheCopiesForSomeEpochsAndThenMovesThem()
    {
        Toy.SeedModules(6);
        using var trained = Toy.Extractor();
        Tensor First(ModulePart part) => part.Module.get_parameter("first.weight")!;
        bool IsHeld(int epochs)
        {
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            var start = extractor.Module.get_parameter("second.weight")!.clone();
            var builder = Recipes.FreezeThenAll(trained, extractor, predictor, layers: 1, frozenEpochs: 2);
            Assert.False(First(extractor).equal(First(trained)).all().item<bool>()); // not before the fit
            builder
                .FitWithoutTarget(
                    [Toy.Source(rows: 64)],
                    new FitOptions
                    {
                        Training = new TrainingOptions { Epochs = epochs, BatchSize = 32 },
                    }
                )
                .Dispose();
            Assert.False(extractor.Module.get_parameter("second.weight")!.equal(start).all().item<bool>());
            return First(extractor).equal(First(trained)).all().item<bool>();
        }

        Assert.True(IsHeld(2));
        Assert.False(IsHeld(3));
        using var other = Toy.Extractor();
        using var head = Toy.Predictor();
        Assert.Throws<ArgumentOutOfRangeException>(
            "frozenEpochs",
            () => Recipes.FreezeThenAll(trained, other, head, frozenEpochs: 0)
        );
        using var narrow = new ModulePart(() => nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 8)));
        var before = Toy.Bits(narrow);
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.FreezeThenAll(trained, narrow, head).FitWithoutTarget([Toy.Source()])
        );
        Assert.Contains("layers must have the same shapes", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, Toy.Bits(narrow));
    }

    [Fact]
    public void LayerReset_OfAHead_DrawsItAsNewWithinPyTorchsBounds()
    {
        using var head = nn.Sequential(
            nn.Linear(400, 100),
            nn.BatchNorm1d(100),
            nn.ReLU(),
            nn.Unflatten(1, [4, 5, 5]),
            nn.Conv2d(4, 8, 3)
        );
        using (no_grad())
        {
            foreach (var value in head.parameters().Concat(head.buffers()).Where(it => it.is_floating_point()))
            {
                value.fill_(7);
            }
        }

        LayerReset.Reset(head, new RandomKey(3));

        var state = head.state_dict();
        // 400 inputs, and 4 channels of 3 x 3.
        foreach (var (name, inputs) in new[] { ("0.weight", 400), ("0.bias", 400), ("4.weight", 36), ("4.bias", 36) })
        {
            var bound = 1 / Math.Sqrt(inputs);
            var most = state[name].abs().max().item<float>();
            Assert.InRange(most, bound * 0.5, bound);
        }
        Assert.Equal(1 / Math.Sqrt(3 * 400), state["0.weight"].std().item<float>(), 1e-3);
        string[] scales = ["1.weight", "1.bias", "1.running_mean", "1.running_var"];
        Assert.Equal([1f, 0, 0, 1], scales.Select(Only));
        var drawn = state["0.weight"].clone();
        LayerReset.Reset(head, new RandomKey(3));
        Assert.True(state["0.weight"].equal(drawn).all().item<bool>());
        LayerReset.Reset(head, new RandomKey(4));
        Assert.False(state["0.weight"].equal(drawn).all().item<bool>());

        using var words = nn.Sequential(nn.Linear(2, 2), nn.Embedding(3, 2));
        var kept = words.state_dict()["0.weight"].clone();
        var fault = Assert.Throws<ArgumentException>("module", () => LayerReset.Reset(words, new RandomKey(1)));
        Assert.Contains("Embedding", fault.Message, StringComparison.Ordinal);
        Assert.True(words.state_dict()["0.weight"].equal(kept).all().item<bool>());

        float Only(string name) => Assert.Single(state[name].data<float>().Distinct());
    }

    [Theory]
    [InlineData(1, 0.2, FreezingChoice.Head)]
    [InlineData(1, 1.0, FreezingChoice.EarlierFeatures)]
    [InlineData(40, 0.99, FreezingChoice.Everything)]
    [InlineData(40, 1.9, FreezingChoice.EverythingOrAnew)]
    public void FreezingAdvice_ByRowsAndDistance_IsTheClassicRule(int many, double distance, FreezingChoice choice)
    {
        using var network = nn.Sequential(
            ("low", nn.Linear(4, 8)),
            ("active", nn.ReLU()),
            ("middle", nn.Linear(8, 8)),
            ("high", nn.Linear(8, 8))
        );
        // 40 rows a class are many from 40 on.
        var target = Toy.LabeledTarget(rows: 80);

        var advice = FreezingAdvice.Of(network, target, distance, many: many == 40 ? 40 : 41);

        Assert.Equal(choice, advice.Choice);
        Assert.Contains("40 rows a class", advice.Sentence, StringComparison.Ordinal);
        Assert.Equal(choice == FreezingChoice.EarlierFeatures ? "middle" : null, advice.Until);
        string[] moving = choice switch
        {
            FreezingChoice.Head => [],
            FreezingChoice.EarlierFeatures => ["high.weight"],
            _ => ["low.weight", "middle.weight", "high.weight"],
        };
        Assert.Equal(moving, Named(network, advice.Plan, 0));
    }

    [Fact]
    public void FreezingAdvice_OfNonsense_IsRefused()
    {
        using var network = nn.Sequential(nn.ReLU());
        using var layers = nn.Sequential(nn.Linear(2, 2));
        var target = Toy.LabeledTarget();

        Assert.Throws<ArgumentException>("network", () => FreezingAdvice.Of(network, target, 1));
        Assert.Throws<ArgumentOutOfRangeException>("distance", () => FreezingAdvice.Of(layers, target, 2.1));
        Assert.Throws<ArgumentOutOfRangeException>("many", () => FreezingAdvice.Of(layers, target, 1, many: 0));
    }

    [Fact]
    public void FrozenTrunk_WithANewHead_ReadsATaskOfFewRows()
    {
        Toy.SeedModules(9);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var target = Toy.LabeledTarget();
        Recipes.FineTune(extractor, predictor).FitWithoutTarget([Toy.Source()]).Dispose();
        LayerReset.Reset(predictor.Module, new RandomKey(2));
        var trunk = Toy.Bits(extractor);

        using var model = Recipes
            .FineTune(extractor, predictor, FreezingPlan.None.Freeze(""))
            .FitWithoutTarget(
                [Toy.LabeledTarget(rows: 16, seed: 9)],
                new FitOptions
                {
                    Training = new TrainingOptions { Epochs = 60, Optimizer = p => optim.Adam(p, 0.05) },
                }
            );

        Assert.Equal(trunk, Toy.Bits(extractor));
        Assert.True(AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels).Value >= 0.9);
    }

    [Fact]
    public void FreezeAll_OfAModuleWithoutParameters_IsNothing()
    {
        Assert.Empty(FreezingPlan.None.Freeze("").Groups(nn.Flatten()));
        Assert.Throws<ArgumentException>("module", () => FreezingPlan.None.Freeze("layer").Groups(nn.Flatten()));
    }

    [Fact]
    public void LayerReset_OfANormalizationWithoutScale_ForgetsItsStatistics()
    {
        using var layer = nn.BatchNorm1d(2, affine: false);
        layer.running_mean!.fill_(3);
        layer.running_var!.fill_(5);

        LayerReset.Reset(layer, new RandomKey(1));

        Assert.Equal([0f, 0], layer.running_mean.data<float>().ToArray());
        Assert.Equal([1f, 1], layer.running_var.data<float>().ToArray());
    }

    public void Dispose() => scope.Dispose();

    private static List<string> Named(nn.Module network, IParameterPlan plan, long epoch) =>
        [
            .. network
                .named_parameters()
                .Where(pair =>
                    plan.Groups(network)
                        .Any(group => group.FromEpoch <= epoch && group.Parameters.Contains(pair.parameter))
                )
                .Select(pair => pair.name)
                .Where(name => name.EndsWith("weight", StringComparison.Ordinal)),
        ];

    private sealed class Watching(ModulePart extractor, List<(bool, bool)> modes) : IObjective
    {
        public Tensor Evaluate(StepContext step)
        {
            var inner = extractor.Module.named_children().Single(child => child.name == "norm").module;
            modes.Add((extractor.Module.training, inner.training));
            return new CrossEntropy().Evaluate(step);
        }
    }
}
