using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Distances class by class, on domains whose classes are known.</summary>
public sealed class ClassConditionalDistanceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // ot.emd2 of Python Optimal Transport 0.8.2 on every third row, and on all.
    [Fact]
    public void Of_EveryThirdRow_HasThePeersDistanceOfEachClass()
    {
        var report = new ClassConditionalDistance(new WassersteinDistance()).Of(
            Turns(FormulaRows.Source()),
            Turns(FormulaRows.Target())
        );

        Assert.Equal(
            [(0, 5, 4), (1, 5, 4), (2, 4, 3)],
            report.Classes.Select(it => (it.Class, it.SourceRows, it.TargetRows))
        );
        double[] expected = [1.5022939495251662, 1.4202731051619435, 1.2760844574791752];
        Assert.All(report.Classes.Zip(expected), it => Assert.Equal(it.Second, it.First.Distance, 1e-10));
        Assert.Equal(1.3995505040554284, report.Mean, 1e-10);
        Assert.Equal(1.1185855750086768, report.Whole, 1e-10);
        Assert.Equal(
            ["class", "class 0", "class 1", "class 2", "mean", "all rows"],
            report.ToString().Split('\n').Select(line => line[..10].Trim())
        );
    }

    [Fact]
    public void Of_ClassesInOtherShares_IsZeroWhereAllRowsAreApart()
    {
        // Class 0 at 0, class 1 at 10: one and three quarters of the rows.
        LabeledDomain Domain(int ones) =>
            new(
                arange(8).ge(8 - ones).to(float64).unsqueeze(1) * 10,
                arange(8).ge(8 - ones).to(int64),
                space: LabelSpace.Classes(["low", "high"])
            );

        var report = Recipes.ClassConditional(new WassersteinDistance()).Of(Domain(2), Domain(6));

        Assert.Equal(0, report.Mean);
        Assert.Equal(5, report.Whole, 1e-12);
        Assert.Contains("high", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void By_WhatGivesNoNumber_IsRefused()
    {
        var domain = new LabeledDomain(zeros(4, 1), tensor(new long[] { 0, 0, 1, 1 }), space: LabelSpace.Classes(2));

        var fault = Assert.Throws<ArgumentException>(
            "between",
            () => ClassConditionalDistance.By(domain, domain, (_, _) => double.NaN)
        );

        Assert.Contains("class 0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ClassesThatChangedPlaces_IsTheWholeWayWhereAllRowsAreAlike()
    {
        var rows = arange(8).remainder(2).to(float64).unsqueeze(1) * 10;
        LabeledDomain Domain(Tensor labels) => new(rows, labels, space: LabelSpace.Classes(2));
        var labels = arange(8).remainder(2).to(int64);

        var report = new ClassConditionalDistance(new WassersteinDistance()).Of(Domain(labels), Domain(1 - labels));

        Assert.Equal(10, report.Mean, 1e-12);
        Assert.Equal(0, report.Whole, 1e-12);
    }

    [Fact]
    public void Of_AClassWithTooFewRows_IsLeftOutOfTheMean()
    {
        var source = Turns(FormulaRows.Source());
        // One row of class 2 in the target, none of class 3 anywhere.
        var target = new LabeledDomain(
            FormulaRows.Target(),
            where(arange(11).eq(10), 2L, arange(11).remainder(2)),
            space: LabelSpace.Classes(4)
        );
        var wide = new LabeledDomain(source.Inputs, source.Labels, space: LabelSpace.Classes(4));

        var report = new ClassConditionalDistance(new EnergyDistance()).Of(wide, target);
        var ofOne = new ClassConditionalDistance(new EnergyDistance()) { LeastRows = 1 }.Of(wide, target);

        Assert.Equal([false, false, true, true], report.Classes.Select(it => double.IsNaN(it.Distance)));
        Assert.Equal((report.Classes[0].Distance + report.Classes[1].Distance) / 2, report.Mean, 1e-12);
        Assert.Equal([false, false, false, true], ofOne.Classes.Select(it => double.IsNaN(it.Distance)));
        Assert.Contains("too few rows", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void By_TotalVariationAndProxyDistance_SeeTheClassThatMoved()
    {
        // Class 1 has moved by more than its width, class 0 has not.
        LabeledDomain Domain(double move)
        {
            var labels = arange(80).remainder(2).to(int64);
            var rows = linspace(0, 1, 80, float64) + (labels.to(float64) * (3 + move));
            return new LabeledDomain(rows.unsqueeze(1), labels, space: LabelSpace.Classes(2));
        }
        var (source, target) = (Domain(0), Domain(2));

        var proxy = ClassConditionalDistance.By(source, target, new ProxyADistance().Between);
        var variation = ClassConditionalDistance.By(
            source,
            target,
            (s, t) => new TotalVariation().LowerBound(s, t).Value
        );

        Assert.InRange(proxy.Classes[0].Distance, 0, 0.6);
        Assert.Equal(2, proxy.Classes[1].Distance, 1e-12);
        Assert.InRange(variation.Classes[0].Distance, 0, 0.3);
        Assert.Equal(1, variation.Classes[1].Distance, 1e-12);
        Assert.Equal((variation.Classes[0].Distance + 1) / 2, variation.Mean, 1e-12);
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        var distance = new ClassConditionalDistance(new EnergyDistance());
        var source = Turns(FormulaRows.Source());
        var values = new LabeledDomain(FormulaRows.Target(), FormulaRows.Target());
        var others = new LabeledDomain(FormulaRows.Target(), zeros(11, int64), space: LabelSpace.Classes(2));
        Assert.Throws<ArgumentNullException>("discrepancy", () => new ClassConditionalDistance(null!));
        Assert.Throws<ArgumentException>("target", () => distance.Of(source, values));
        Assert.Throws<ArgumentException>("target", () => distance.Of(source, others));
        Assert.Throws<ArgumentException>(
            "source",
            () => distance.Of(source.WithWeights(ones(14, float64)), Turns(FormulaRows.Target()))
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            "LeastRows",
            () => new ClassConditionalDistance(new EnergyDistance()) { LeastRows = 0 }.Of(source, source)
        );
        var none = Assert.Throws<ArgumentException>(
            "target",
            () => new ClassConditionalDistance(new EnergyDistance()) { LeastRows = 9 }.Of(source, source)
        );
        Assert.Contains("at least 9 row(s)", none.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Turns(Tensor rows) =>
        new(rows, arange(rows.shape[0], dtype: int64).remainder(3), space: LabelSpace.Classes(3));
}
