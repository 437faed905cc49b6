using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>Target rows that are like one class of the labeled rows.</summary>
public sealed class SemanticTransferTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Evaluate_OfTwoClasses_IsTheEntropyOfTheLikenesses()
    {
        // Centers (2, 0) and (0, 1); the target row (1, 1) is like them by 2 and 1, over a temperature of 2.
        var step = Step(
            new[,]
            {
                { 1.0, 0 },
                { 3, 0 },
                { 0, 1 },
            },
            [0, 0, 1],
            new[,]
            {
                { 1.0, 1 },
            }
        );

        var value = new SemanticTransfer { Temperature = 2 }
            .Evaluate(step)
            .item<double>();

        Assert.Equal(Entropy(1, 0.5), value, 1e-12);
    }

    [Fact]
    public void Evaluate_OfRowsThatAllWeighNothing_IsNothing()
    {
        var step = Step(
            new[,]
            {
                { 1.0, 0 },
                { 0, 1 },
            },
            [0, 1],
            new[,]
            {
                { 1.0, 1 },
            },
            sourceWeights: zeros(2, float64)
        );

        Assert.Equal(0, new SemanticTransfer().Evaluate(step).item<double>());
    }

    [Fact]
    public void Evaluate_WithLabeledTargetRows_AddsTheirCentersAndTheirLabels()
    {
        var step = Step(
            new[,]
            {
                { 2.0, 0 },
                { 0, 1 },
            },
            [0, 1],
            new[,]
            {
                { 1.0, 1 },
            },
            new[,]
            {
                { 1.0, 0 },
                { 0, 2 },
            },
            [0, 1]
        );

        var value = new SemanticTransfer { LabeledFactor = 0.5 }
            .Evaluate(step)
            .item<double>();

        // Likenesses of the target row 2 and 1 to the source's centers, 1 and 2 to those of the labeled rows; of these
        // rows 1 and 0, 0 and 4.
        var known = (Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(-4))) / 2;
        Assert.Equal(Entropy(2, 1) + Entropy(1, 2) + (0.5 * known), value, 1e-12);
    }

    [Fact]
    public void Evaluate_OfAClassThatTheBatchLacks_LeavesItOut()
    {
        var step = Step(
            new[,]
            {
                { 2.0, 0 },
                { 0, 1 },
            },
            [0, 2],
            new[,]
            {
                { 1.0, 1 },
            },
            classes: 4
        );

        var value = new SemanticTransfer().Evaluate(step);

        Assert.Equal(Entropy(2, 1), value.item<double>(), 1e-12);
        var alone = Step(
            new[,]
            {
                { 2.0, 0 },
                { 1, 0 },
            },
            [1, 1],
            new[,]
            {
                { 1.0, 1 },
            }
        );
        Assert.Equal(0, new SemanticTransfer().Evaluate(alone).item<double>());
    }

    [Fact]
    public void Centers_OfWeighedRows_AreTheirWeighedMeans()
    {
        var rows = tensor(
            new[,]
            {
                { 1.0 },
                { 5 },
                { 7 },
            }
        );

        var (centers, counts) = SemanticTransfer.Centers(
            rows,
            tensor(
                new[,]
                {
                    { 1.0, 0 },
                    { 1, 0 },
                    { 0, 1 },
                }
            ),
            tensor(new[] { 0.5, 1.5, 0 })
        );

        Assert.Equal([4.0, 0], centers.data<double>());
        Assert.Equal([2.0, 0], counts.data<double>());
    }

    [Fact]
    public void Evaluate_ByCosine_ForgetsLengths()
    {
        Tensor Of(double length)
        {
            var step = Step(
                new[,]
                {
                    { 2.0, 0 },
                    { 0, 1 },
                },
                [0, 1],
                new[,]
                {
                    { length, 2 * length },
                }
            );
            return new SemanticTransfer { IsCosine = true, Temperature = 0.5 }.Evaluate(step);
        }

        Assert.Equal(Of(1).item<double>(), Of(7).item<double>(), 1e-12);
        Assert.Equal(Entropy(2 / Math.Sqrt(5), 4 / Math.Sqrt(5)), Of(1).item<double>(), 1e-12);
    }

    [Fact]
    public void Entropy_ItsGradient_IsFiniteBesideClassesThatDoNotCount()
    {
        var scores = tensor(
                new[,]
                {
                    { 1.0, double.NegativeInfinity, 0.5 },
                }
            )
            .requires_grad_();

        SemanticTransfer.Entropy(scores).backward();

        var p = 1 / (1 + Math.Exp(-0.5));
        // dH/dz = -p (log p + H).
        Assert.Equal(-p * (Math.Log(p) + Entropy(1, 0.5)), scores.grad![0, 0].item<double>(), 1e-12);
        Assert.Equal(0, scores.grad![0, 1].item<double>());
    }

    [Fact]
    public void Recipe_WithFewLabels_ReadsTheTarget()
    {
        Toy.SeedModules(5);
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var network = (nn.Module<Tensor, Tensor>)Toy.Extractor().Module;
        var target = Toy.LabeledTarget();

        using var model = Recipes
            .SemanticTransfer(new TappedExtractor(network, "first"), predictor, [null, critic], temperature: 2)
            .FitFewShot(Toy.Source(), target.WithoutLabels(), Toy.LabeledTarget(rows: 8, seed: 9));

        Assert.True(model.PredictClasses(target.Inputs).eq(target.Labels).to(float32).mean().item<float>() > 0.9);
    }

    public void Dispose() => scope.Dispose();

    // Of two scores.
    private static double Entropy(double one, double other)
    {
        var p = 1 / (1 + Math.Exp(other - one));
        return -(p * Math.Log(p)) - ((1 - p) * Math.Log(1 - p));
    }

    private static StepContext Step(
        double[,] source,
        long[] labels,
        double[,] target,
        double[,]? few = null,
        long[]? fewLabels = null,
        int classes = 2,
        Tensor? sourceWeights = null
    )
    {
        LabeledBatch Labeled(double[,] rows, long[] of, DomainId domain, Tensor? weights = null) =>
            new(
                tensor(rows),
                tensor(of),
                domain,
                arange(of.Length, dtype: int64),
                weights,
                LabelSpace.Classes(classes)
            );
        var batch = new StepBatch(
            [Labeled(source, labels, DomainId.Source(0), sourceWeights)],
            new UnlabeledBatch(tensor(target), DomainId.Target, arange(target.GetLength(0), dtype: int64)),
            few is null ? null : Labeled(few, fewLabels!, DomainId.Target)
        );
        return StepContext.For(batch, nn.Identity().AsPart(), nn.Identity().AsPart());
    }
}
