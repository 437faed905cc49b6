using TransferLearning.Predictors;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Two clouds of three features, shifted in one way each.</summary>
public sealed class ShiftDiagnosisTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_AlikeDomains_SeesNoShift()
    {
        var report = new ShiftDiagnosis().Of(Clouds(600, 1, 0.5), Clouds(400, 2, 0.5).WithoutLabels());

        Assert.False(report.HasInputShift || report.HasLabelShift || report.HasLittleOverlap, report.ToString());
        Assert.Equal(0.5, report.DomainError.Value, 0.05);
    }

    [Fact]
    public void Of_AlikeDomains_IsSeldomFooledByChance()
    {
        // One in 20 of the tests of alike classes says that they differ; four standard errors above it is 5 of 20.
        var diagnosis = new ShiftDiagnosis
        {
            Test = new MaximumMeanDiscrepancyTest { Permutations = 99 },
            MaxRows = 60,
            Folds = 2,
        };
        var reports = Enumerable
            .Range(0, 20)
            .Select(i => diagnosis.Of(Clouds(200, 50 + i, 0.5), Clouds(200, 80 + i, 0.5).WithoutLabels()))
            .ToList();

        Assert.InRange(reports.Count(report => report.ShiftedClasses.Count > 0), 0, 5);
        var quiet = reports.First(report => report.ShiftedClasses.Count == 0 && !report.HasInputShift);
        Assert.StartsWith("No shift is seen", Assert.Single(quiet.Advice), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OtherClassShares_EstimatesThemAndAdvisesClassWeights()
    {
        var report = new ShiftDiagnosis().Of(Clouds(600, 1, 0.5), Clouds(500, 2, 0.2).WithoutLabels());

        Assert.All(report.Classes, c => Assert.Equal(0.5, c.SourceShare, 1e-12));
        Assert.Equal(0.8, report.Classes[0].BlackBoxShare, 0.02);
        Assert.Equal(0.8, report.Classes[0].LikelihoodShare, 0.02);
        Assert.Equal(0.3, report.LabelShift, 0.02);
        Assert.True(report.HasLabelShift && report.HasInputShift);
        Assert.Empty(report.ShiftedClasses);
        Assert.Equal(2, report.Advice.Count);
        Assert.Contains("weigh by class", report.Advice[0], StringComparison.Ordinal);
        Assert.Equal(0, report.Features[0].Feature); // the one that tells the classes apart
    }

    [Fact]
    public void Of_MovedInputsThatOverlap_NamesTheFeatureAndAdvisesWeights()
    {
        var target = Clouds(500, 2, 0.5).Inputs + tensor([0, 0, 0.8]);

        var report = new ShiftDiagnosis().Of(Clouds(600, 1, 0.5), new UnlabeledDomain(target));

        Assert.True(report.HasInputShift);
        Assert.False(report.HasLabelShift || report.HasLittleOverlap, report.ToString());
        Assert.Equal(2, report.Features[0].Feature);
        Assert.Equal(0.8, report.Features[0].MeanDifference, 0.15);
        Assert.True(report.Features[0].TotalVariation > 2 * report.FeatureNoise);
        // Normal domains 0.8 apart: 2 Phi(0.4) - 1, and exp(-0.8^2) of the rows in effect.
        Assert.Equal(0.311, report.Inputs.Value, 0.06);
        Assert.Equal(Math.Exp(-0.64), report.Overlap, 0.1);
        Assert.Equal([0, 1], report.ShiftedClasses);
        Assert.Contains("weigh the source's rows", report.Advice[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_DomainsApart_AdvisesMaps()
    {
        var target = Clouds(500, 2, 0.5).Inputs + tensor([0, 0, 5.0]);

        var report = new ShiftDiagnosis().Of(Clouds(600, 1, 0.5), new UnlabeledDomain(target));

        Assert.True(report.HasLittleOverlap);
        Assert.True(report.Inputs.Value > 0.95);
        Assert.Contains("map the features", report.Advice[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AShiftThatNoLineSees_SaysThatTheClassifierIsBlind()
    {
        // The features that tell no class change their spread alone.
        var target = Clouds(500, 2, 0.5).Inputs * tensor([1, 4, 4.0]);

        var report = new ShiftDiagnosis().Of(Clouds(600, 1, 0.5), new UnlabeledDomain(target));

        Assert.True(report.Inputs.Value < 0.1, report.ToString());
        Assert.True(report.HasInputShift);
        Assert.Equal(0.001, report.InputPValue, 1e-12);
        Assert.Contains("give another Classifier", report.Advice[0], StringComparison.Ordinal);
        var byTree = new ShiftDiagnosis { Classifier = new DecisionTree() }.Of(
            Clouds(600, 1, 0.5),
            new UnlabeledDomain(target)
        );
        Assert.True(byTree.Inputs.Lower > 0.3, byTree.ToString());
        Assert.InRange(byTree.Overlap, 0.001, 0.6);
    }

    [Fact]
    public void Of_OneClassThatMoves_AdvisesClassByClass()
    {
        var target = Clouds(500, 2, 0.5);
        var moved = target.Inputs + (target.Labels.to(float64).unsqueeze(1) * tensor([0, 1.5, 0]));

        var report = new ShiftDiagnosis().Of(Clouds(600, 1, 0.5), new UnlabeledDomain(moved));

        Assert.Equal([1], report.ShiftedClasses);
        Assert.Contains(report.Advice, said => said.Contains("class by class", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_MoreClassesThanPermutationsCanTell_TakesMorePermutations()
    {
        var target = Clouds(500, 2, 0.5);
        var moved = target.Inputs + (target.Labels.to(float64).unsqueeze(1) * tensor([0, 1.5, 0]));
        var diagnosis = new ShiftDiagnosis { Test = new MaximumMeanDiscrepancyTest { Permutations = 19 } };

        var report = diagnosis.Of(Clouds(600, 1, 0.5), new UnlabeledDomain(moved));

        // Two tests at 0.05 need p of at most 0.025; 19 permutations give no less than 0.05, 40 give 1/41.
        Assert.Equal(1.0 / 41, report.Classes[1].PValue, 1e-12);
        Assert.Contains(1, report.ShiftedClasses);
    }

    [Fact]
    public void Of_AClassWithoutSourceRows_LeavesItsBlackBoxShareUnknown()
    {
        var clouds = Clouds(100, 1, 0.5);
        var source = new LabeledDomain(clouds.Inputs, clouds.Labels, space: LabelSpace.Classes(3));

        var report = new ShiftDiagnosis().Of(source, clouds.WithoutLabels());

        Assert.True(double.IsNaN(report.Classes[2].BlackBoxShare));
        Assert.Equal(0, report.Classes[2].LikelihoodShare);
        Assert.True(double.IsNaN(report.Classes[2].PValue));
        Assert.Contains("unknown (BBSE)", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("too few rows to compare", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_TheSameSeed_IsTheSame()
    {
        var (source, target) = (Clouds(100, 1, 0.5), Clouds(80, 2, 0.3).WithoutLabels());

        Assert.Equal(
            new ShiftDiagnosis().Of(source, target).ToString(),
            new ShiftDiagnosis().Of(source, target).ToString()
        );
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        var source = Clouds(40, 1, 0.5);
        var diagnosis = new ShiftDiagnosis();
        Assert.Throws<ArgumentException>(() =>
            diagnosis.Of(new LabeledDomain(source.Inputs, source.Inputs), source.WithoutLabels())
        );
        Assert.Throws<ArgumentException>(() =>
            diagnosis.Of(source.WithWeights(ones(40, float64)), source.WithoutLabels())
        );
        Assert.Throws<ArgumentException>(() => diagnosis.Of(source, new UnlabeledDomain(zeros(40, 2, float64))));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ShiftDiagnosis { LeastShift = 2 }.Of(source, source.WithoutLabels())
        );
    }

    public void Dispose() => scope.Dispose();

    // Class 1 has a share of the rows and lies 6 standard deviations from class 0.
    private static LabeledDomain Clouds(long rows, long seed, double share)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows).lt(Math.Round(rows * share)).to(int64);
        var inputs = randn([rows, 3], float64, generator: generator);
        var apart = labels.to(float64).unsqueeze(1) * tensor([6.0, 0, 0]);
        return new LabeledDomain(inputs + apart, labels, space: LabelSpace.Classes(2));
    }
}
