using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>A branch and a classifier for each source (MFSAN).</summary>
public sealed class SourceBranchesTests(ITestOutputHelper output) : IDisposable
{
    private const string File = "squeezenet512_acw.npz";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly List<ModulePart> parts = [];

    [Fact]
    public void Disagreement_ThreeClassifiers_IsTorchsFigure()
    {
        // The paper's equation 4 entry by entry, in PyTorch.
        var value = BranchDisagreement.Between(Waves.Rows(7, 3, 0.5), Waves.Rows(7, 3, 1), Waves.Rows(7, 3, 2));

        Assert.Equal(0.14660220556736794, value.item<double>(), 12);
    }

    [Fact]
    public void Disagreement_OneClassifierOrEqualOnes_IsZero()
    {
        var scores = Waves.Rows(7, 3, 0.5);

        Assert.Equal(0, BranchDisagreement.Between(scores).item<double>());
        Assert.Equal(0, BranchDisagreement.Between(scores, scores + 4).item<double>(), 12);
    }

    [Fact]
    public void Disagreement_Gradient_IsThatOfFiniteDifferences()
    {
        var (other, direction) = (Waves.Rows(7, 3, 1), Waves.Rows(7, 3, 3));
        var scores = Waves.Rows(7, 3, 0.5).requires_grad_();
        var gradient = autograd.grad([BranchDisagreement.Between(scores, other)], [scores])[0];
        const double Length = 1e-6;
        Tensor At(double step) => BranchDisagreement.Between(scores.detach() + (direction * step), other);

        var rise = (At(Length) - At(-Length)) / (2 * Length);

        Assert.Equal(rise.item<double>(), (gradient * direction).sum().item<double>(), 1e-8);
    }

    [Fact]
    public void Predict_TwoClassifiers_IsTheMeanOfTheirProbabilities()
    {
        var branches = Branches(2, 4, 3, 2);
        var rows = Waves.Rows(6, 4, 1).to(float32);

        var probabilities = branches.Predict(rows).softmax(1);

        var (first, second) = (One(0, rows).softmax(1), One(1, rows).softmax(1));
        Assert.True(probabilities.allclose((first + second) / 2, 1e-5, 1e-6));
    }

    [Fact]
    public void Terms_OfAStep_AreThoseOfEachSourceInItsBranch()
    {
        var branches = Branches(2, 4, 3, 2);
        var step = Step(branches, 2);
        var target = step.Target.Inputs;
        Tensor Feature(int i, Tensor rows) => parts[2 * i].Extract(rows);

        var classes = new BranchCrossEntropy().Evaluate(step);
        var gap = new BranchAlignment().Evaluate(step);
        var disagreement = new BranchDisagreement().Evaluate(step);

        Tensor Loss(int i) => CrossEntropy.Of(One(i, step.Sources[i].Inputs), step.Sources[i].Labels);
        var kernel = new MultiKernelMaximumMeanDiscrepancy { Estimator = MeanEmbeddingEstimator.Biased };
        Tensor Gap(int i) => kernel.Between(Feature(i, step.Sources[i].Inputs), Feature(i, target));
        Assert.Equal(((Loss(0) + Loss(1)) / 2).item<float>(), classes.item<float>(), 1e-5);
        Assert.Equal(((Gap(0) + Gap(1)) / 2).item<float>(), gap.item<float>(), 1e-5);
        Assert.Equal(
            BranchDisagreement.Between(One(0, target), One(1, target)).item<float>(),
            disagreement.item<float>(),
            1e-6
        );
    }

    [Fact]
    public void Terms_WithoutABranchForEachSource_SayWhatIsWrong()
    {
        var missing = Assert.Throws<ArgumentException>(() =>
            new BranchAlignment().Evaluate(Step(Branches(1, 4, 3, 2), 2))
        );
        Assert.Contains("one for each", missing.Message, StringComparison.Ordinal);
        var other = Assert.Throws<ArgumentException>(() =>
            new BranchDisagreement().Evaluate(Step(nn.Linear(4, 2).AsPart(), 2))
        );
        Assert.Contains(nameof(SourceBranches), other.Message, StringComparison.Ordinal);
        Assert.Equal("branches", Assert.Throws<ArgumentOutOfRangeException>(() => new SourceBranches()).ParamName);
        Assert.Equal(
            "scores",
            Assert
                .Throws<ArgumentException>(() => BranchDisagreement.Between(Waves.Rows(7, 3, 1), Waves.Rows(6, 3, 1)))
                .ParamName
        );
    }

    [Fact]
    public void SavedBranches_ReadBack_PredictTheSame()
    {
        using var folder = new TemporaryFolder();
        static nn.Module<Tensor, Tensor>[] Modules() =>
            [nn.Linear(4, 8), nn.Linear(8, 4), nn.Linear(4, 2), nn.Linear(8, 4), nn.Linear(4, 2)];
        var made = Modules();
        var labeled = Toy.LabeledTarget();
        var branches = new SourceBranches((made[1].AsPart(), made[2].AsPart()), (made[3].AsPart(), made[4].AsPart()));
        using var model = Recipes
            .Mfsan(made[0].AsPart(), branches)
            .Fit([Toy.Source(), Toy.Source(seed: 7)], labeled.WithoutLabels());

        model.Save(folder.File("model"));

        using var loaded = AdaptedModel.Load(folder.File("model"), Modules());
        Assert.True(loaded.Predict(labeled.Inputs).equal(model.Predict(labeled.Inputs)).all().item<bool>());
    }

    [LongFact]
    public void Recipe_OnOfficeImagesOfTwoSources_GainsOverTheBranchesAlone()
    {
        LabeledDomain Single(string name)
        {
            var domain = OfficeImages.Domain(File, name);
            return new LabeledDomain(domain.Inputs.to(float32) * 10, domain.Labels, space: domain.Space);
        }
        var sources = new[] { Single("amazon"), Single("caltech") };
        var target = Single("webcam");
        double Read(int seed, Schedule weight)
        {
            Toy.SeedModules(seed);
            using var extractor = new ModulePart(() => nn.Sequential(nn.Linear(512, 128), nn.ReLU()));
            using var model = Recipes
                .Mfsan(extractor, Branches(2, 128, 64, 10), weight, weight)
                .Fit(
                    sources,
                    target.WithoutLabels(),
                    new FitOptions
                    {
                        Seed = 1,
                        Training = new TrainingOptions { Steps = 400, BatchSize = 64 },
                    }
                );
            return OfficeImages.Accuracy(model, target);
        }
        double Mean(Schedule weight) => new[] { 1, 2, 3 }.Average(seed => Read(seed, weight));

        var (aligned, apart) = (Mean(Schedule.SigmoidRamp()), Mean(0));

        output.WriteLine($"aligned {aligned:F2}%, branches alone {apart:F2}%");
        Assert.True(aligned >= apart + 4, $"aligned {aligned:F2}%, branches alone {apart:F2}%");
    }

    public void Dispose()
    {
        parts.ForEach(part => part.Dispose());
        scope.Dispose();
    }

    private SourceBranches Branches(int count, int features, int width, int classes)
    {
        var made = new List<(IFeatureExtractor, ILabelPredictor)>();
        for (var i = 0; i < count; i++)
        {
            var branch = new ModulePart(() => nn.Sequential(nn.Linear(features, width), nn.ReLU()));
            var classifier = new ModulePart(() => nn.Linear(width, classes));
            parts.AddRange([branch, classifier]);
            made.Add((branch, classifier));
        }
        return new SourceBranches(made);
    }

    private Tensor One(int i, Tensor rows) => parts[(2 * i) + 1].Predict(parts[2 * i].Extract(rows));

    private static StepContext Step(ILabelPredictor predictor, int sources)
    {
        LabeledBatch Batch(int i)
        {
            var source = Toy.Source(rows: 10 + i, seed: i + 1);
            var rows = arange(source.Count, dtype: int64);
            return new LabeledBatch(source.Inputs, source.Labels, DomainId.Source(i), rows, null, source.Space);
        }
        var target = new UnlabeledBatch(Toy.LabeledTarget(rows: 9).Inputs, DomainId.Target, arange(9, dtype: int64));
        var batch = new StepBatch([.. Enumerable.Range(0, sources).Select(Batch)], target);
        return StepContext.For(batch, nn.Identity().AsPart(), predictor);
    }
}
