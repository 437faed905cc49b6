using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Several source models that learn the target together: DECISION.</summary>
public sealed class SourceMixtureTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Forward_WithShares_MixesTheClassifiersScores()
    {
        var (first, second) = (nn.Linear(2, 3), nn.Linear(2, 3));
        using var mixture = new SourceMixture(first, second);
        var features = tensor(
            new float[,]
            {
                { 1, 2, 3, 4 },
                { -1, 0, 2, 5 },
            }
        );
        var (one, other) = (first.call(features.narrow(1, 0, 2)), second.call(features.narrow(1, 2, 2)));

        Assert.True(mixture.call(features).allclose((one + other) / 2, 1e-5, 1e-6));

        using (no_grad())
        {
            // sigmoid 3/4 and 1/4
            mixture.get_parameter("weights")!.copy_(tensor(new[] { MathF.Log(3), -MathF.Log(3) }));
        }
        Assert.True(mixture.Shares().allclose(tensor(new[] { 0.75f, 0.25f })));
        Assert.True(mixture.call(features).allclose((one * 0.75) + (other * 0.25), 1e-5, 1e-6));
        Assert.Equal("input", Assert.Throws<ArgumentException>(() => mixture.call(zeros(2, 5))).ParamName);
        Assert.Equal("classifiers", Assert.Throws<ArgumentException>(() => new SourceMixture()).ParamName);
    }

    // Two rows a class; the third class is read by no row, and has the centroid of the probabilities.
    [Fact]
    public void Centroids_OfKnownRows_AreTheMeansOfTheNearest()
    {
        var features = tensor(
            new[,]
            {
                { 3.0, 0 },
                { 4, 0 },
                { 0, 3 },
                { 0, 4 },
            }
        );
        var scores = tensor(
            new[,]
            {
                { 5.0, 0, -5 },
                { 5, 0, -5 },
                { 0, 5, -5 },
                { 0, 5, -5 },
            }
        );

        var (rows, centroids) = MixedCentroidLabels.Centroids(features, scores);

        Assert.True(rows.norm(1).allclose(ones(4, float64)));
        Assert.Equal(3 / Math.Sqrt(10), rows[0, 0].item<double>(), 1e-12);
        Assert.True(centroids[0].allclose((rows[0] + rows[1]) / 2, 1e-6, 1e-7));
        Assert.True(centroids[1].allclose((rows[2] + rows[3]) / 2, 1e-6, 1e-7));
        var third = scores.softmax(1).narrow(1, 2, 1);
        Assert.True(centroids[2].allclose((third * rows).sum([0L]) / (third.sum() + 1e-8), 1e-9, 1e-12));
    }

    // The first model takes the row for class 0, the second for class 1.
    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(0.1, 1)]
    public void Nearest_OfModelsThatDisagree_FollowsTheirShares(double share, long expected)
    {
        var features = tensor(new[] { 1.0, 0, 0, 1 }).reshape(2, 1, 2);
        var centroids = eye(2, dtype: float64).expand(2, 2, 2);

        var labels = MixedCentroidLabels.Nearest(features, centroids, tensor(new[] { share, 1 - share }));

        Assert.Equal(expected, labels.item<long>());
    }

    [Fact]
    public void Decision_OfTwoSourcesOnEitherSide_GainsByNetworksAndSharesAlone()
    {
        Toy.SeedModules(3);
        var target = Toy.LabeledTarget(rows: 400);
        nn.Module<Tensor, Tensor> Network() => nn.Sequential(nn.Linear(4, 8), nn.ReLU());
        var (networks, heads) = (new[] { Network(), Network() }, new[] { nn.Linear(8, 2), nn.Linear(8, 2) });
        LabeledDomain Turned(double angle, long seed)
        {
            var (inputs, labels) = Toy.Clouds(400, seed, angle: angle);
            return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(2));
        }
        LabeledDomain[] sources = [Turned(-0.4, 5), Turned(1.7, 6)];
        var options = new FitOptions
        {
            Seed = 2,
            Training = new TrainingOptions { Steps = 300, BatchSize = 64 },
        };
        for (var k = 0; k < 2; k++)
        {
            new AdaptationBuilder()
                .Train(
                    networks[k].AsPart(),
                    heads[k].AsPart(),
                    net => net.Minimize(new CrossEntropy { LabelSmoothing = 0.1 })
                )
                .FitWithoutTarget([sources[k]], options)
                .Dispose();
        }
        using var branches = new ParallelBranches(networks);
        using var mixture = new SourceMixture(heads);
        var before = heads[0].weight!.detach().clone();
        double Read(AdaptedModel model) =>
            Evaluation.AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels).Value;
        double plain;
        using (var mixed = new AdaptedModel(branches.AsPart(), mixture.AsPart()))
        {
            plain = Read(mixed);
        }

        using var model = Recipes
            .Decision(branches, mixture)
            .FitSourceFree(target.WithoutLabels(), LabelSpace.Classes(2), options);

        Assert.True(Read(model) > 0.95 && Read(model) > plain, $"{plain} to {Read(model)}");
        Assert.NotEqual(0.5f, mixture.Shares()[0].item<float>());
        Assert.True(heads[0].weight!.equal(before).all().item<bool>());
    }

    [Fact]
    public void Plan_OfAnotherPredictor_SaysWhatIsExpected()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .Decision(Toy.Extractor(), Toy.Predictor())
                .FitSourceFree(Toy.LabeledTarget().WithoutLabels(), LabelSpace.Classes(2))
        );
        Assert.Contains("SourceMixture as the predictor", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();
}
