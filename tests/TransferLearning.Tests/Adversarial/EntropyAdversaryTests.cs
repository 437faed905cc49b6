using TorchSharp.Modules;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>ADVENT's terms on maps of scores: what they take, and what a chain does not.</summary>
public sealed class EntropyAdversaryTests : IDisposable
{
    private const int Classes = 5;
    private const int Height = 6;
    private const int Width = 4;
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Conv2d features;
    private readonly Conv2d scores;
    private readonly Conv2d critic;

    public EntropyAdversaryTests()
    {
        Toy.SeedModules(5);
        features = nn.Conv2d(3, 8, 1, dtype: float64);
        scores = nn.Conv2d(8, Classes, 1, dtype: float64);
        critic = nn.Conv2d(Classes, 1, 1, dtype: float64);
    }

    public static TheoryData<CriticLoss> Losses() => [.. Enum.GetValues<CriticLoss>()];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Evaluate_OfMaps_IsThatOfTheirPlacesAsRows(CriticLoss loss)
    {
        using var ofRows = Linear(features);
        using var scoresOfRows = Linear(scores);
        using var criticOfRows = Linear(critic);
        Func<IDomainCritic, IObjective>[] terms =
        [
            _ => new CrossEntropy { LabelSmoothing = 0.1 },
            it => new EntropyAdversary(it) { Criterion = loss },
            it => new EntropyCritic(it) { Criterion = loss },
        ];
        foreach (var term in terms)
        {
            foreach (var module in new nn.Module[] { features, scores, critic, ofRows, scoresOfRows, criticOfRows })
            {
                module.zero_grad(set_to_none: true);
            }

            var value = term(critic.AsPart()).Evaluate(Step(features, scores, it => it));
            value.backward();

            var expected = term(criticOfRows.AsPart()).Evaluate(Step(ofRows, scoresOfRows, Rows));
            expected.backward();
            Assert.Equal(expected.item<double>(), value.item<double>(), 1e-12);
            Alike(ofRows.weight!.grad, features.weight!.grad);
            Alike(scoresOfRows.weight!.grad, scores.weight!.grad);
            Alike(criticOfRows.weight!.grad, critic.weight!.grad);
            Assert.True(scores.weight.grad is not null || critic.weight.grad is not null);
        }
    }

    [Fact]
    public void Evaluate_OfMapsWithACriticOfPatches_IsTheMeanOverThem()
    {
        using var patches = nn.Conv2d(Classes, 1, 3, stride: 2, dtype: float64);
        var step = Step(features, scores, it => it);
        double[] Judged(IBatch batch) =>
            [.. patches.call(SelfInformation.Of(step.Scores(batch))).reshape(-1).data<double>()];
        var (source, target) = (Judged(step.Sources[0]), Judged(step.Target));

        var network = new EntropyAdversary(patches.AsPart()).Evaluate(step);
        var own = new EntropyCritic(patches.AsPart()).Evaluate(step);

        // Two patches an image; the images' weights are those of Step.
        Assert.Equal(target.Average(d => Math.Log(1 + Math.Exp(-d))), network.item<double>(), 1e-12);
        Assert.Equal(
            source.Select((d, i) => Weight(i / 2) * Math.Log(1 + Math.Exp(-d))).Average()
                + target.Average(d => Math.Log(1 + Math.Exp(d))),
            own.item<double>(),
            1e-12
        );
    }

    [Fact]
    public void Evaluate_OfMapsWithACriticOfRowsAlone_SaysWhatItNeeds()
    {
        var step = Step(features, scores, it => it);

        var faults = new IObjective[] { new EntropyAdversary(new OfRows()), new EntropyCritic(new OfRows()) }.Select(
            term => Assert.Throws<ArgumentException>(() => term.Evaluate(step))
        );

        Assert.All(
            faults,
            fault =>
            {
                Assert.Equal("critic", fault.ParamName);
                Assert.Contains("IPatchCritic", fault.Message, StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public void LabeledDomain_OfLabelMaps_IsRefused()
    {
        var fault = Assert.Throws<ArgumentException>(() => new LabeledDomain(Images(4, 1), LabelMaps(4)));

        Assert.Contains("labels must have one row for each", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AdaptedModel_OfMaps_GivesTheirScoresAndNoClasses()
    {
        using var model = new AdaptedModel(features.AsPart(), scores.AsPart());
        var images = Images(4, 1);

        Alike(scores.call(features.call(images)), model.Predict(images, batchSize: 3));
        Assert.Throws<InvalidOperationException>(() => model.PredictClasses(images));
        Assert.Throws<InvalidOperationException>(() => model.PredictProbabilities(images));
    }

    public void Dispose()
    {
        features.Dispose();
        scores.Dispose();
        critic.Dispose();
        scope.Dispose();
    }

    // Images of the source weigh 0.25, 0.75, 1.25 and 1.75.
    private static double Weight(int image) => 0.25 + (0.5 * image);

    private static Tensor Images(int count, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([count, 3, Height, Width], dtype: float64, generator: generator);
    }

    private static Tensor LabelMaps(int count)
    {
        using var generator = new RandomKey(3).Generator();
        return randint(0, Classes, [count, Height, Width], dtype: int64, generator: generator);
    }

    // Every place a row.
    private static Tensor Rows(Tensor maps) =>
        maps.dim() == 4 ? maps.permute(0, 2, 3, 1).flatten(0, 2) : maps.flatten();

    private static Linear Linear(Conv2d places)
    {
        using var quiet = no_grad();
        var (outputs, inputs) = (places.weight!.shape[0], places.weight.shape[1]);
        var linear = nn.Linear(inputs, outputs, dtype: float64);
        _ = linear.weight!.copy_(places.weight.reshape(outputs, inputs));
        _ = linear.bias!.copy_(places.bias!);
        return linear;
    }

    private static StepContext Step(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Func<Tensor, Tensor> arranged
    )
    {
        var weights = tensor(Enumerable.Range(0, 4).Select(Weight).ToArray());
        var (source, target, labels) = (arranged(Images(4, 1)), arranged(Images(3, 2)), arranged(LabelMaps(4)));
        var ofSource = weights.repeat_interleave(source.shape[0] / 4);
        LabeledBatch labeled = new(
            source,
            labels,
            DomainId.Source(0),
            arange(source.shape[0], dtype: int64),
            ofSource,
            LabelSpace.Classes(Classes)
        );
        var unlabeled = new UnlabeledBatch(target, DomainId.Target, arange(target.shape[0], dtype: int64));
        return StepContext.For(new StepBatch([labeled], unlabeled), extractor.AsPart(), predictor.AsPart());
    }

    private static void Alike(Tensor? expected, Tensor? actual)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.True(expected is null || expected.allclose(actual!.reshape(expected.shape), 1e-9, 1e-12));
    }

    private sealed class OfRows : IDomainCritic
    {
        public Tensor Judge(Tensor features) => features.flatten(1).sum(1);
    }
}
