using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

public sealed class DomainSplitTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Row i holds the number i; classes 0, 1, 2 in turn.
    private readonly LabeledDomain data = new(
        arange(30, dtype: float32).unsqueeze(1),
        arange(30).remainder(3),
        arange(30, dtype: float32) + 1,
        LabelSpace.Classes(["a", "b", "c"])
    );

    [Fact]
    public void ByDomain_OfNumbers_GivesADomainForEach()
    {
        var domains = DomainSplit.ByDomain(data, arange(30).remainder(2) * 5);

        Assert.Equal(2, domains.Count);
        Assert.Equal(Enumerable.Range(0, 15).Select(i => 2L * i), Rows(domains[0]));
        Assert.Equal(data.Space, domains[1].Space);
        Assert.Equal(domains[1].Inputs.squeeze(1) + 1, domains[1].Weights);
        Assert.Equal(domains[1].Inputs.squeeze(1).to(int64).remainder(3), domains[1].Labels);
    }

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.4, 4)]
    [InlineData(0.99, 9)]
    public void ByGroup_OfAShare_HoldsOutWholeGroups(double share, int groups)
    {
        var (kept, held) = DomainSplit.ByGroup(
            data,
            arange(30).div(3, rounding_mode: RoundingMode.floor),
            share,
            new(1)
        );

        Assert.Equal(Enumerable.Range(0, 30).Select(i => (long)i), Rows(kept).Concat(Rows(held)).Order());
        Assert.Empty(Rows(kept).Select(i => i / 3).Intersect(Rows(held).Select(i => i / 3)));
        Assert.Equal(groups, Rows(held).Select(i => i / 3).Distinct().Count());
        Assert.Equal(Rows(held).Order(), Rows(held));
    }

    [Fact]
    public void Stratified_OfTwoDomains_KeepsTheClassesSharesInBoth()
    {
        var other = new LabeledDomain(zeros(5, 1), tensor(new[] { 0L, 0, 0, 0, 1 }), space: data.Space);

        var (kept, held) = DomainSplit.Stratified([data, other], 0.3, new RandomKey(1));

        Assert.Equal([3L, 3, 3], held[0].Labels.bincount(null, 3).data<long>().ToArray());
        Assert.Equal([7L, 7, 7], kept[0].Labels.bincount(null, 3).data<long>().ToArray());
        Assert.Equal([1L, 0, 0], held[1].Labels.bincount(null, 3).data<long>().ToArray());
        Assert.Equal([3L, 1, 0], kept[1].Labels.bincount(null, 3).data<long>().ToArray());
        Assert.Equal(Rows(held[0]), Rows(DomainSplit.Stratified([data, other], 0.3, new RandomKey(1)).HeldOut[0]));
        Assert.NotEqual(Rows(held[0]), Rows(DomainSplit.Stratified([data, other], 0.3, new RandomKey(2)).HeldOut[0]));
    }

    [Fact]
    public void Every_Split_OfWhatCannotBeSplit_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => DomainSplit.ByDomain(data, zeros(29, int64)));
        Assert.Throws<ArgumentException>(() => DomainSplit.ByDomain(data, zeros(30)));
        Assert.Throws<ArgumentException>(() => DomainSplit.ByGroup(data, zeros(30, int64), 0.5, new(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => DomainSplit.ByGroup(data, arange(30), 1, new(1)));
        Assert.Throws<ArgumentException>(() =>
            DomainSplit.Stratified([new LabeledDomain(zeros(3, 1), zeros(3))], 0.5, new(1))
        );
        Assert.Throws<ArgumentException>(() =>
            DomainSplit.Stratified([new LabeledDomain(zeros(2, 1), arange(2))], 0.5, new(1))
        );
    }

    public void Dispose() => scope.Dispose();

    private static IEnumerable<long> Rows(LabeledDomain of) => of.Inputs.squeeze(1).to(int64).data<long>().ToArray();
}
