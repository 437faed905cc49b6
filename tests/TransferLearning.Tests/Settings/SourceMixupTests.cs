using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Mixup between sources.</summary>
public sealed class SourceMixupTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Mix_WithASmallerPartner_TakesItsRowsAgain()
    {
        var (one, other) = (Batch(0, [1, 2, 3], [0, 1, 0]), Batch(1, [10, 20], [1, 1]));

        var mixed = SourceMixup.Mix(one, other, 0.75);

        Assert.Equal([3.25f, 6.5f, 4.75f], mixed.Inputs.data<float>());
        Assert.Equal([0.75f, 0.25f, 0, 0, 1, 0, 0.75f, 0.25f, 0], mixed.Labels.data<float>());
        Assert.Equal(DomainId.Source(0), mixed.Domain);
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceMixup.Mix(one, other, 2));
    }

    [Fact]
    public void Mix_OfWeightedRows_WeighsEachLabelByItsOwnRow()
    {
        var one = Batch(0, [1, 2, 3], [0, 1, 0], [0, 2, 1]);
        var plain = Batch(1, [10, 20], [1, 2]); // without weights its rows weigh 1

        var mixed = SourceMixup.Mix(one, plain, 0.75);

        Assert.Equal([0.25f, 1.75f, 1], mixed.Weights!.data<float>());
        Assert.Equal([0, 1, 0, 0, 6 / 7f, 1 / 7f, 0.75f, 0.25f, 0], mixed.Labels.data<float>());
    }

    [Fact]
    public void Apply_ToThreeSources_MixesEachWithAnotherOne()
    {
        // The label tells which source a row is of.
        var batch = new StepBatch([Batch(0, [1, 2], [0, 0]), Batch(1, [3, 4], [1, 1]), Batch(2, [5, 6], [2, 2])], null);
        var pairs = new HashSet<(int, int)>();

        for (var seed = 0; seed < 20; seed++)
        {
            var mixed = new SourceMixup { Alpha = 1 }.Apply(batch, new RandomKey(seed));
            Assert.Null(mixed.Target);
            for (var i = 0; i < 3; i++)
            {
                var shares = mixed.Sources[i].Labels[0].data<float>().ToArray();
                var partner = Enumerable.Range(0, 3).Single(j => j != i && shares[j] > 0);
                pairs.Add((i, partner));
                Assert.Equal(DomainId.Source(i), mixed.Sources[i].Domain);
                Assert.Equal(
                    (shares[i] * (1 + (2 * i))) + (shares[partner] * (1 + (2 * partner))),
                    mixed.Sources[i].Inputs[0].item<float>(),
                    1e-4
                );
            }
        }

        Assert.Equal(6, pairs.Count);
    }

    [Fact]
    public void SourceMixup_OfOneSource_IsRefused()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.SourceMixup(extractor, predictor).FitWithoutTarget([Toy.Source(rows: 8)])
        );

        Assert.Contains("SourceMixup: compares sources", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledBatch Batch(int source, float[] rows, long[] labels, float[]? weights = null) =>
        new(
            tensor(rows).unsqueeze(1),
            tensor(labels),
            DomainId.Source(source),
            arange(rows.Length, dtype: int64),
            weights is null ? null : tensor(weights),
            LabelSpace.Classes(3)
        );
}
