using TransferLearning.Adversarial;
using TransferLearning.Internal;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Named layers of a network that nobody edits: as the links of the chain that it could be cut into.</summary>
public sealed class TappedExtractorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly nn.Module<Tensor, Tensor> lower = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh());
    private readonly nn.Module<Tensor, Tensor> middle = nn.Sequential(nn.Linear(6, 5), nn.Tanh());
    private readonly nn.Module<Tensor, Tensor> upper = nn.Linear(5, 8);
    private readonly nn.Module<Tensor, Tensor> network;
    private readonly IFeatureExtractor chain;
    private readonly TappedExtractor tapped;
    private readonly ModulePart predictor = Toy.Predictor();
    private readonly ModulePart ofLower = new(() => nn.Linear(6, 1));
    private readonly ModulePart ofMiddle = new(() => nn.Linear(5, 1));
    private readonly ModulePart ofFeatures = new(() => nn.Linear(8, 1));

    public TappedExtractorTests()
    {
        network = nn.Sequential(("lower", lower), ("middle", middle), ("upper", upper));
        chain = ExtractorChain.Of(lower.AsPart(), middle.AsPart(), upper.AsPart());
        tapped = new TappedExtractor(network, "lower", "middle");
    }

    public static TheoryData<string> Terms() => ["critics", "alignment", "map", "delta"];

    [Theory]
    [MemberData(nameof(Terms))]
    public void Evaluate_OfATermOfLayers_IsThatOfTheChainWithItsGradients(string name)
    {
        using var map = new RandomizedMultilinearMap([6, 5, 8], 2, 7);
        using var joint = new ModulePart(() => nn.Linear(7, 1));
        var frozen = (Lower: Copied(lower), Middle: Copied(middle), Upper: Copied(upper));
        var pretrained = nn.Sequential(("lower", frozen.Lower), ("middle", frozen.Middle), ("upper", frozen.Upper));
        IObjective Term(IFeatureExtractor extractor) =>
            name switch
            {
                "critics" => new LayerAdversary([ofLower, ofMiddle, ofFeatures], reversal: 0.7),
                "alignment" => new LayerAlignment(new DeepCorrelationAlignment()),
                "map" => new ConditionalDomainAdversary(joint, map, reversal: 0.7),
                _ => FeatureMapPenalty.AtLayers(
                    extractor,
                    extractor is TappedExtractor
                        ? new TappedExtractor(pretrained, "lower", "middle")
                        : ExtractorChain.Of(frozen.Lower.AsPart(), frozen.Middle.AsPart(), frozen.Upper.AsPart()),
                    attention: [null, full([5], 0.2), null]
                ),
            };

        (float Value, Tensor[] Slopes) Of(IFeatureExtractor extractor)
        {
            using var still = EvaluationOf(extractor);
            var loss = Term(extractor).Evaluate(Toy.Step(extractor, predictor));
            var moved = network.parameters().ToArray();
            return (
                loss.item<float>(),
                autograd.grad([loss], moved, allow_unused: true).Select(slope => slope ?? zeros(1)).ToArray()
            );
        }
        var (expected, slopes) = Of(chain);

        var (value, own) = Of(tapped);

        Assert.Equal(expected, value);
        Assert.NotEqual(0, value);
        Assert.All(slopes.Zip(own), pair => Assert.True(pair.First.allclose(pair.Second, 1e-5, 1e-7)));
        Assert.Contains(own, slope => slope.abs().max().item<float>() > 0);
        Assert.Equal(0, HooksOf(network));
    }

    [Fact]
    public void Layers_InOneStep_AreOnePassSharedWithTheFeatures()
    {
        var passes = 0;
        var counting = middle.register_forward_pre_hook(
            (_, input) =>
            {
                passes++;
                return input;
            }
        );
        var step = Toy.Step(tapped, predictor);

        var layers = step.Layers(step.Target);

        Assert.Equal(
            [
                [6L, 6L],
                [6L, 5L],
                [6L, 8L],
            ],
            layers.Select(layer => layer.shape)
        );
        Assert.Same(layers[^1], step.Features(step.Target));
        Assert.Same(layers[0], step.Layers(step.Target)[0]);
        using (no_grad())
        {
            Assert.True(step.Layers(step.Target)[0].Equals(layers[0]));
            Assert.False(step.Layers(step.Target)[0].requires_grad);
        }
        Assert.Equal(1, passes);
        counting.remove();
    }

    [Theory]
    [InlineData(DomainPasses.Apart)]
    [InlineData(DomainPasses.Joined)]
    public void Fit_WithCriticsAtLayers_EndsWhereTheChainDoes(DomainPasses passes)
    {
        byte[] Fitted(bool isTapped)
        {
            Toy.SeedModules(5);
            using var first = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh());
            using var second = nn.Linear(6, 8);
            using var whole = nn.Sequential(("first", first), ("second", second));
            using var head = Toy.Predictor();
            using var early = new ModulePart(() => nn.Linear(6, 1));
            using var late = Toy.Critic();
            IFeatureExtractor extractor = isTapped
                ? new TappedExtractor(whole, "first")
                : ExtractorChain.Of(first.AsPart(), second.AsPart());
            new AdaptationBuilder()
                .Train(extractor, head, net => net.Minimize(new CrossEntropy()).OpposeAtLayers([early, late]))
                .Fit(Toy.Source(128), Toy.LabeledTarget().WithoutLabels(), Options(passes))
                .Dispose();
            Assert.Equal(0, HooksOf(whole));
            return Toy.Bits(first.AsPart(), second.AsPart(), head, early, late);
        }

        Assert.Equal(Fitted(false), Fitted(true));
    }

    [Fact]
    public void Evaluate_OfAConvolutionalCritic_SeesTheMapsOfItsLayer()
    {
        using var images = nn.Sequential(
            ("conv", nn.Conv2d(1, 4, 3)),
            ("relu", nn.ReLU(inplace: true)),
            ("flat", nn.Flatten()),
            ("last", nn.Linear(144, 8))
        );
        using var judge = new ModulePart(() =>
            nn.Sequential(nn.Conv2d(4, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 1))
        );
        var extractor = new TappedExtractor(images, "conv");
        var (source, target) = (Toy.Images(6), Toy.Images(6, seed: 4));
        var rows = arange(6, dtype: int64);
        var step = StepContext.For(
            new StepBatch(
                [new LabeledBatch(source.Inputs, source.Labels, DomainId.Source(0), rows, null, source.Space)],
                new UnlabeledBatch(target.Inputs, DomainId.Target, rows)
            ),
            extractor,
            predictor
        );
        var conv = (nn.Module<Tensor, Tensor>)images.named_children().First().module;

        var loss = new LayerAdversary([judge, null], reversal: 1).Evaluate(step);

        // Of the convolution's own output, over which the ReLU behind it writes.
        var expected = DomainAdversary.Loss(
            judge.Judge(conv.call(source.Inputs)).reshape(-1),
            judge.Judge(conv.call(target.Inputs)).reshape(-1)
        );
        Assert.Equal(expected.item<float>(), loss.item<float>(), 1e-5f);
        var weight = conv.parameters().First();
        var (own, plain) = (autograd.grad([loss], [weight])[0], autograd.grad([expected], [weight])[0]);
        Assert.True(own.allclose(plain.neg(), 1e-4, 1e-6));
        Assert.Equal([6L, 4L, 6L, 6L], step.Layers(step.Target)[0].shape);
    }

    [Fact]
    public void Layers_InOtherForms_AreMeansOverPlacesAndRows()
    {
        using var conv = nn.Conv2d(1, 3, 3);
        using var images = nn.Sequential(("conv", conv), ("flat", nn.Flatten()));
        var inputs = Toy.Images(5).Inputs;

        var layers = new TappedExtractor(
            images,
            new LayerTap("conv", LayerForm.Means),
            new LayerTap("conv", LayerForm.Rows),
            "conv"
        ).Layers(inputs);

        var maps = conv.call(inputs);
        Assert.True(layers[0].allclose(maps.mean([2, 3]), 1e-5, 1e-6));
        Assert.True(layers[1].Equals(maps.flatten(1)));
        Assert.True(layers[2].Equals(maps));
    }

    [Fact]
    public void OpposeAtLayers_OfABackbone_FindsResNetsStagesByTheirNames()
    {
        using var backbone = Backbones.ResNet18(until: "layer2");
        var extractor = new TappedExtractor(backbone, "layer1.0.conv1", "layer1", new("layer2", LayerForm.Means));
        using var inputs = rand(2, 3, 64, 64);

        var layers = extractor.Layers(inputs);

        Assert.Equal(
            [
                [2L, 64L, 16L, 16L],
                [2L, 64L, 16L, 16L],
                [2L, 128L],
                [2L, 128L],
            ],
            layers.Select(it => it.shape)
        );
        Assert.True(layers[2].allclose(layers[3], 1e-5, 1e-6)); // a backbone's features are those means
        Assert.Equal(0, HooksOf(backbone));
    }

    [Fact]
    public void Fit_OfAnUnknownLayer_IsRefusedInThePlan()
    {
        var wrong = new TappedExtractor(network, "lower", "layer9", "block");

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(wrong, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(Toy.Source(32), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("no layer 'layer9'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("no layer 'block'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("lower.0", fault.Message, StringComparison.Ordinal);
        Assert.Contains(
            "no layer 'layer9'",
            Assert.Throws<ArgumentException>(() => wrong.Layers(Toy.Source(4).Inputs)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, HooksOf(network));
    }

    [Fact]
    public void Constructor_WithoutLayersOrOneModule_SaysSo()
    {
        Assert.Throws<ArgumentException>("taps", () => new TappedExtractor(network));
        Assert.Throws<ArgumentException>("taps", () => new TappedExtractor(network, "lower", "lower"));
        Assert.Throws<ArgumentException>("extractor", () => new TappedExtractor(chain, "0"));
    }

    [Fact]
    public void Layers_OfAPassThatFails_LeaveNoHook()
    {
        Assert.ThrowsAny<Exception>(() => tapped.Layers(rand(3, 9)));

        Assert.Equal(0, HooksOf(network));
    }

    [Fact]
    public void Layers_OfALayerThatIsPassedTwiceOrNever_SaySo()
    {
        using var shared = nn.Tanh();
        using var twice = nn.Sequential(("first", nn.Linear(4, 4)), ("a", shared), ("b", nn.Sequential(shared)));

        var fault = Assert.Throws<ArgumentException>(() => new TappedExtractor(twice, "a").Layers(rand(3, 4)));

        Assert.Contains("'a' is passed more than once", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, HooksOf(twice));
        using var unused = new Unused();
        fault = Assert.Throws<ArgumentException>(() => new TappedExtractor(unused, "spare").Layers(rand(3, 4)));
        Assert.Contains("'spare' takes no part", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_OfAModelWithTaps_ComesBackWithThem()
    {
        using var folder = new TemporaryFolder();
        var inputs = Toy.LabeledTarget(8).Inputs;
        var seen = new TappedExtractor(network, new LayerTap("lower", LayerForm.Rows), "middle");
        using var model = new AdaptedModel(seen, predictor);
        var expected = model.Predict(inputs);
        model.Save(folder.File("model"));
        using var other = nn.Sequential(
            ("lower", nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh())),
            ("middle", nn.Sequential(nn.Linear(6, 5), nn.Tanh())),
            ("upper", nn.Linear(5, 8))
        );
        using var head = nn.Linear(8, 2);

        using var loaded = AdaptedModel.Load(folder.File("model"), other, head);

        Assert.True(loaded.Predict(inputs).Equals(expected));
        var taps = Assert.IsType<TappedExtractor>(loaded.Extractor);
        Assert.Equal(seen.Taps, taps.Taps);
        Assert.True(taps.Layers(inputs)[1].Equals(seen.Layers(inputs)[1]));
    }

    [Fact]
    public void Predict_OnThreads_GivesTheSameNumbers()
    {
        using var model = new AdaptationBuilder()
            .Train(tapped, predictor, net => net.Minimize(new CrossEntropy()).OpposeAtLayers([ofLower, null, null]))
            .Fit(Toy.Source(64), Toy.LabeledTarget().WithoutLabels(), Options(DomainPasses.Apart));
        var inputs = Toy.LabeledTarget(64).Inputs;
        var expected = model.Predict(inputs);

        var all = new bool[64];
        Parallel.For(
            0,
            all.Length,
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            i =>
            {
                using var own = NewDisposeScope();
                all[i] = model.Predict(inputs).Equals(expected);
            }
        );

        Assert.DoesNotContain(false, all);
    }

    [Fact]
    public void Train_OfAnOlderCheckpointsTaps_AreAnotherRun()
    {
        using var folder = new TemporaryFolder();
        void Run(TappedExtractor extractor, ResumeMode mode) =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(
                    Toy.Source(64),
                    Toy.LabeledTarget().WithoutLabels(),
                    Options(DomainPasses.Apart) with
                    {
                        Checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1, Resume = mode },
                    }
                )
                .Dispose();
        Run(tapped, ResumeMode.Never);

        var fault = Assert.ThrowsAny<Exception>(() =>
            Run(new TappedExtractor(network, "lower", "upper"), ResumeMode.Required)
        );

        Assert.Contains("upper", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_WhileAnotherThreadPassesTheSameLayer_AreThisThreads()
    {
        using var layer = nn.Linear(4, 4);
        using var interrupted = new Interrupted(layer);
        var rows = Waves.Rows(5, 4, 1).to(float32);

        var layers = new TappedExtractor(interrupted, "layer").Layers(rows);

        Assert.True(layers[0].equal(layer.call(rows)).all().item<bool>());
    }

    public void Dispose()
    {
        foreach (var part in new[] { predictor, ofLower, ofMiddle, ofFeatures })
        {
            part.Dispose();
        }
        network.Dispose();
        scope.Dispose();
    }

    private static FitOptions Options(DomainPasses passes) =>
        new()
        {
            Training = new TrainingOptions
            {
                Steps = 6,
                BatchSize = 32,
                Passes = passes,
            },
        };

    // A network of the same architecture with other numbers.
    private static nn.Module<Tensor, Tensor> Copied(nn.Module<Tensor, Tensor> module) =>
        module is TorchSharp.Modules.Linear ? nn.Linear(5, 8)
        : module.parameters().First().shape[1] == 4 ? nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh())
        : nn.Sequential(nn.Linear(6, 5), nn.Tanh());

    private static EvaluationMode EvaluationOf(IFeatureExtractor extractor) => EvaluationMode.Of(extractor);

    // TorchSharp shows no hooks; they are in tables of each module.
    private static int HooksOf(nn.Module module) => module.modules().Prepend(module).Sum(OwnHooks);

    private static int OwnHooks(nn.Module module)
    {
        var tables = new List<System.Collections.ICollection>();
        for (var type = module.GetType(); type is not null; type = type.BaseType)
        {
            tables.AddRange(
                type.GetFields(
                        System.Reflection.BindingFlags.Instance
                            | System.Reflection.BindingFlags.NonPublic
                            | System.Reflection.BindingFlags.DeclaredOnly
                    )
                    .Where(field => field.Name.Contains("hook", StringComparison.OrdinalIgnoreCase))
                    .Select(field => field.GetValue(module))
                    .OfType<System.Collections.ICollection>()
            );
        }
        Assert.NotEmpty(tables);
        return tables.Sum(table => table.Count);
    }

    private sealed class Interrupted : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> layer;

        public Interrupted(nn.Module<Tensor, Tensor> layer)
            : base(nameof(Interrupted))
        {
            this.layer = layer;
            register_module("layer", layer);
        }

        public override Tensor forward(Tensor input)
        {
            var other = new Thread(() =>
            {
                using var own = NewDisposeScope();
                _ = layer.call(zeros_like(input));
            });
            other.Start();
            other.Join();
            return layer.call(input);
        }
    }

    private sealed class Unused : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> spare = nn.Linear(4, 4);
        private readonly nn.Module<Tensor, Tensor> used = nn.Linear(4, 8);

        public Unused()
            : base(nameof(Unused)) => RegisterComponents();

        public override Tensor forward(Tensor input) => used.call(input);
    }
}
