using TransferLearning.Evaluation;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfSupervision;

/// <summary>Sparse codes and autoencoder features from rows without labels.</summary>
public sealed class SelfTaughtTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void SparseCodes_OfARow_MeetTheConditionsOfALeastError()
    {
        var rows = Random(1, 40, 6);
        const double Sparsity = 0.3;
        var map = new SparseCoding
        {
            Atoms = 9,
            Sparsity = Sparsity,
            Iterations = 3000,
        }.Fit(rows);

        var codes = map.Extract(rows);

        var mean = rows.mean([0L]);
        var x = (rows - mean) / (rows - mean).square().sum(1).mean().sqrt();
        var slope = (codes.matmul(map.Dictionary) - x).matmul(map.Dictionary.t()) * 2;
        var isUsed = codes.abs().gt(1e-9);
        Assert.InRange(isUsed.to(float64).mean().item<double>(), 0.05, 0.8); // some are used and some are not
        Assert.True(slope.abs().max().item<double>() <= Sparsity + 1e-6);
        var ofUsed = (slope + (codes.sign() * Sparsity)).masked_select(isUsed);
        Assert.True(ofUsed.abs().max().item<double>() < 1e-6);
        Assert.True(map.Dictionary.norm(1).le(1 + 1e-9).all().item<bool>());
    }

    [Fact]
    public void SparseCoding_OfRowsMadeOfAtoms_FindsThem()
    {
        using var generator = new RandomKey(2).Generator();
        var atoms = Random(3, 8, 12);
        atoms /= atoms.norm(1, keepdim: true);
        var isUsed = rand([600, 8], dtype: float64, generator: generator).lt(0.2).to(float64);
        var rows = (randn([600, 8], dtype: float64, generator: generator) * isUsed).matmul(atoms);

        var map = new SparseCoding
        {
            Atoms = 12,
            Sparsity = 0.05,
            Rounds = 60,
        }.Fit(rows);

        var found = map.Dictionary / map.Dictionary.norm(1, keepdim: true);
        var nearest = atoms.matmul(found.t()).abs().amax([1L]);
        Assert.True(
            nearest.ge(0.95).sum().item<long>() >= 7,
            $"found {nearest.ToString(TorchSharp.TensorStringStyle.Julia)}"
        );
    }

    [Fact]
    public void Fit_WeightsThatAreNone_IsRefused()
    {
        var rows = Random(4, 6, 5);
        Tensor[] others = [zeros(6), full(6, double.NaN), tensor(new[] { 1.0, 1, 1, 1, 1, -1 }), ones(5)];
        foreach (var weights in others)
        {
            Assert.Throws<ArgumentException>("weights", () => new SparseCoding { Atoms = 2 }.Fit(rows, null, weights));
            Assert.Throws<ArgumentException>(
                "weights",
                () => new AutoencoderFeatures { Components = 2 }.Fit(rows, null, weights)
            );
        }
    }

    [Fact]
    public void SparseCoding_OfWeightedRows_LearnsFromThoseThatWeighSomething()
    {
        var rows = Random(4, 60, 5);
        var weights = arange(60).lt(40).to(float64);
        var changed = cat([rows.narrow(0, 0, 40), rows.narrow(0, 40, 20) * 1.5]);
        Tensor Learned(Tensor from, Tensor? of) =>
            new SparseCoding { Atoms = 60, Rounds = 8 }
                .Fit(from, null, of)
                .Extract(rows);

        // As many atoms as rows: each draws every row, and a row without weight improves no atom.
        Assert.True(Learned(rows, weights).allclose(Learned(rows, weights * 50), 1e-9));
        Assert.False(Learned(rows, weights).allclose(Learned(rows, null), 1e-3));
        Assert.False(Learned(changed, null).allclose(Learned(rows, null), 1e-3));
    }

    [Fact]
    public void AutoencoderFeatures_OfRowsOnAPlane_KeepAllOfThem()
    {
        var rows = Random(5, 200, 3).matmul(Random(6, 3, 10)) + 4;

        var map = new AutoencoderFeatures
        {
            Components = 3,
            MaxSteps = 500,
            Penalty = 1e-6,
        }.Fit(rows);

        var features = map.Extract(rows);
        var rest = rows - new RidgeRegression(1e-6).Fit(new LabeledDomain(features, rows)).Predict(features);
        var share = rest.square().sum() / (rows - rows.mean([0L])).square().sum();
        Assert.True(share.item<double>() < 0.05, $"{share.item<double>()} of the variance is lost");
        Assert.Equal([200L, 3L], features.shape);
    }

    [Theory]
    [InlineData(ViewedDomains.Sources)]
    [InlineData(ViewedDomains.Target)]
    public void Fit_OfOneDomain_DoesNotLookAtTheOther(ViewedDomains domains)
    {
        var (source, target) = (Toy.Source(rows: 50), Toy.LabeledTarget(rows: 40).WithoutLabels());
        var (others, elsewhere) = (Toy.Source(rows: 50, seed: 9), Toy.LabeledTarget(rows: 40, seed: 8).WithoutLabels());
        IFeatureMapping[] mappings =
        [
            new SparseCoding
            {
                Atoms = 6,
                Rounds = 5,
                Domains = domains,
            },
            new AutoencoderFeatures { Components = 3, Domains = domains },
        ];
        foreach (var mapping in mappings)
        {
            Tensor Mapped(LabeledDomain from, UnlabeledDomain to) =>
                mapping.Fit(new DomainSet([from], to), FitContext.Seeded(2)).Extract(source.Inputs);

            var isOfSources = domains == ViewedDomains.Sources;
            Assert.Equal(isOfSources, Mapped(source, target).allclose(Mapped(source, elsewhere)));
            Assert.Equal(!isOfSources, Mapped(source, target).allclose(Mapped(others, target)));
        }
    }

    // Digits 0 to 4 of USPS without labels, and 5 to 9 with a few labels each: 82.3 to 83.3 and 88.5 to 89.0.
    [LongFact]
    public void SelfTaught_OnOtherDigits_ReadsMoreThanTheirPixels()
    {
        var file = SharedData.File("digits", "mnist2000_usps1800_16x16.npz");
        Tensor Read(string name) => NumpyBytes.Read(file, name);
        var (usps, labels) = (Read("usps_x").reshape(-1, 256).to(float64) / 255, Read("usps_y"));
        var unlabeled = usps.index_select(0, labels.lt(5).nonzero().squeeze(1));
        Tensor Rows(int c) => labels.eq(c).nonzero().squeeze(1);
        double Accuracy(IFeatureExtractor map, int each)
        {
            var from = cat([.. Enumerable.Range(5, 5).Select(c => Rows(c).narrow(0, 0, each))]);
            var to = cat([.. Enumerable.Range(5, 5).Select(c => Rows(c).narrow(0, 20, Rows(c).shape[0] - 20))]);
            var data = new LabeledDomain(map.Extract(usps.index_select(0, from)), labels.index_select(0, from));
            var predictor = new LogisticRegression().Fit(data);
            var scores = predictor.Predict(map.Extract(usps.index_select(0, to)));
            return AccuracyInterval.Of(scores, labels.index_select(0, to)).Value;
        }
        var codes = new SparseCoding { Atoms = 64 }.Fit(unlabeled);
        foreach (var each in new[] { 5, 10 })
        {
            var (ofPixels, ofCodes) = (Accuracy(nn.Identity().AsPart(), each), Accuracy(codes, each));
            Assert.True(ofCodes > ofPixels, $"{each} of each digit: pixels {ofPixels:F3}, codes {ofCodes:F3}");
        }
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }
}
