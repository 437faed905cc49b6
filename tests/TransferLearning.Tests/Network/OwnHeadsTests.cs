using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>A head for each source over shared layers (SHL-MDNN).</summary>
public sealed class OwnHeadsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Predict_OfAHead_IsItsOwnAndOfTheOneThatReads()
    {
        using var first = nn.Linear(4, 2);
        using var second = nn.Linear(4, 2);
        var heads = new OwnHeads(first.AsPart(), second.AsPart());
        var rows = Waves.Rows(5, 4, 1).to(float32);

        Assert.Equal(1, heads.Reading);
        Assert.True(heads.Predict(rows).equal(second.call(rows)).all().item<bool>());
        Assert.True(heads.By(0).Predict(rows).equal(first.call(rows)).all().item<bool>());
        Assert.Throws<ArgumentOutOfRangeException>("head", () => heads.By(2));
        Assert.Throws<ArgumentOutOfRangeException>("heads", () => new OwnHeads());
    }

    [Fact]
    public void Predict_OfAHeadOfSomeClasses_PutsItsScoresAtTheirPlaces()
    {
        using var head = nn.Linear(4, 2);
        var heads = OwnHeads.Of(4, (head.AsPart(), [3, 1]));
        var rows = Waves.Rows(5, 4, 1).to(float32);

        var scores = heads.Predict(rows);

        var own = head.call(rows);
        Assert.True(scores.select(1, 3).equal(own.select(1, 0)).all().item<bool>());
        Assert.True(scores.select(1, 1).equal(own.select(1, 1)).all().item<bool>());
        Assert.True(scores.softmax(1)[.., TensorIndex.Tensor(tensor(new long[] { 0, 2 }))].eq(0).all().item<bool>());
        foreach (var wrong in new long[][] { [], [0, 0], [4], [-1] })
        {
            Assert.Throws<ArgumentException>("heads", () => OwnHeads.Of(4, (head.AsPart(), wrong)));
        }
    }

    [Fact]
    public void Fit_WithAHeadThatNothingTrains_OrRowsThatTheirHeadDoesNotKnow_SaysSo()
    {
        using var extractor = Toy.Extractor();
        using var first = Toy.Predictor();
        using var second = Toy.Predictor();
        string Fault(OwnHeads heads) =>
            Assert
                .Throws<InvalidAdaptationException>(() =>
                    new AdaptationBuilder()
                        .Train(extractor, heads, net => net.Minimize(new OwnHeadCrossEntropy()))
                        .FitWithoutTarget([Toy.Source(rows: 24)])
                )
                .Message;

        Assert.Contains("head 1 reads", Fault(new OwnHeads(first, second)), StringComparison.Ordinal);
        using var narrow = nn.Linear(8, 1);
        var unknown = OwnHeads.Of(2, (narrow.AsPart(), [1]));
        Assert.Contains("head 0 does not know class 0", Fault(unknown), StringComparison.Ordinal);
    }

    [Fact]
    public void CrossEntropy_OfAStep_IsTheMeanOfEachSourceByItsHead()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var first = Toy.Predictor();
        using var second = Toy.Predictor();
        var heads = new OwnHeads(first, second);
        var step = Toy.Step(extractor, heads, sources: 2);

        var loss = new OwnHeadCrossEntropy().Evaluate(step);

        Tensor Own(int i, ModulePart head) =>
            CrossEntropy.Of(head.Predict(extractor.Extract(step.Sources[i].Inputs)), step.Sources[i].Labels);
        Assert.Equal(((Own(0, first) + Own(1, second)) / 2).item<float>(), loss.item<float>(), 1e-6f);
        // Each head moves by its own source alone.
        var weight = first.Module.get_parameter("weight")!;
        var slope = autograd.grad([loss], [weight])[0];
        Assert.True(slope.allclose(autograd.grad([Own(0, first) / 2], [weight])[0], 1e-5, 1e-7));
    }

    [Fact]
    public void CrossEntropy_WithoutAHeadForEachSource_SaysWhatIsWrong()
    {
        using var extractor = Toy.Extractor();
        using var head = Toy.Predictor();

        var few = Assert.Throws<ArgumentException>(() =>
            new OwnHeadCrossEntropy().Evaluate(Toy.Step(extractor, new OwnHeads(head), sources: 2))
        );
        Assert.Contains("1 head(s) for 2 source(s)", few.Message, StringComparison.Ordinal);
        var other = Assert.Throws<ArgumentException>(() =>
            new OwnHeadCrossEntropy().Evaluate(Toy.Step(extractor, head))
        );
        Assert.Contains(nameof(OwnHeads), other.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() =>
            new OwnHeadCrossEntropy { LabelSmoothing = 0.1 }.Evaluate(
                Toy.Step(extractor, OwnHeads.Of(2, (head, [0, 1])))
            )
        );
    }

    // Both sources name their classes crosswise: one head cannot serve them.
    [Fact]
    public void Recipe_OfSourcesThatContradictEachOther_ReadsEachByItsHeadAndSharesTheRest()
    {
        Toy.SeedModules(6);
        using var extractor = Toy.Extractor();
        using var first = Toy.Predictor();
        using var second = Toy.Predictor();
        var heads = new OwnHeads(first, second);
        var (source, judged) = (Toy.Source(), Toy.Source(seed: 5));
        var crosswise = new LabeledDomain(Toy.Source(seed: 8).Inputs, 1 - Toy.Source(seed: 8).Labels);

        using var model = Recipes.ShlMdnn(extractor, heads).FitWithoutTarget([source, crosswise]);

        using var byFirst = new AdaptedModel(model.Extractor, heads.By(0));
        Assert.True(AccuracyInterval.Of(byFirst.PredictClasses(judged.Inputs), judged.Labels).Value > 0.95);
        Assert.True(AccuracyInterval.Of(model.PredictClasses(judged.Inputs), 1 - judged.Labels).Value > 0.95);
    }

    [Fact]
    public void SavedHeads_ReadBack_PredictTheSame()
    {
        using var folder = new TemporaryFolder();
        static nn.Module<Tensor, Tensor>[] Modules() => [nn.Linear(4, 8), nn.Linear(8, 2), nn.Linear(8, 2)];
        var made = Modules();
        var labeled = Toy.LabeledTarget();
        var heads = OwnHeads.Of(2, (made[1].AsPart(), [0, 1]), (made[2].AsPart(), [1, 0]));
        using var model = Recipes
            .ShlMdnn(made[0].AsPart(), heads.By(0))
            .Fit([Toy.Source(), Toy.Source(seed: 7)], labeled.WithoutLabels());

        model.Save(folder.File("model"));

        using var loaded = AdaptedModel.Load(folder.File("model"), Modules());
        Assert.True(loaded.Predict(labeled.Inputs).equal(model.Predict(labeled.Inputs)).all().item<bool>());
        Assert.Equal(0, Assert.IsType<OwnHeads>(loaded.Predictor).Reading);
    }

    public void Dispose() => scope.Dispose();
}
