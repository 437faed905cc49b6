using System.Globalization;
using System.Xml.Linq;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Small trainings that fail in a known way, and epochs made up for each limit.</summary>
public sealed class AdversarialDiagnosisTests : IDisposable
{
    private static readonly Schedule Ramp = Schedule.SigmoidRamp(height: 0.5);
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart critic = Critic();
    private readonly LogLines log = new();

    [Fact]
    public void Report_OfAHealthyTraining_FindsNothing()
    {
        var diagnosis = Seen(Ramp, net => net.Oppose(critic, Ramp).Optimize(critic, Fast));

        var report = diagnosis.Report();

        Assert.True(report.IsHealthy, report.ToString());
        Assert.Empty(log.Warnings);
        Assert.Equal(12, log.Heard.Count(line => line.Contains("critic right on", StringComparison.Ordinal)));
        Assert.StartsWith("Nothing is wrong", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(["CrossEntropy", "DomainAdversary"], diagnosis.Epochs[0].Objectives.Keys.Order());
        // The features lose what told the domains apart, and the labels are learned.
        Assert.True(diagnosis.Epochs[^1].Separability < diagnosis.Epochs[0].Separability - 0.5);
        Assert.True(diagnosis.Epochs[^1].LabelsLearned > 0.9);
        Assert.Equal(Ramp.At(1), diagnosis.Epochs[^1].Weight);
    }

    [Fact]
    public void Report_OfACriticThatNobodyMoves_CallsItTooWeak()
    {
        var report = Seen(null, net => net.Minimize(new DomainAdversary(critic))).Report();

        Assert.Equal(AdversarialSymptom.CriticTooWeak, report.Findings[0].Symptom);
        Assert.Contains("Let a phase move the critic", report.ToString(), StringComparison.Ordinal);
        Assert.Contains(log.Warnings, line => line.Contains("no better than chance", StringComparison.Ordinal));
    }

    [Fact]
    public void Report_OfAWeightThatDrownsTheTask_CallsItTooLarge()
    {
        var report = Seen(200, net => net.Oppose(critic, 200).Optimize(critic, Fast)).Report();

        Assert.Equal(AdversarialSymptom.WeightTooLarge, report.Findings[0].Symptom);
        Assert.Contains("Lower the adversarial weight", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfAWeightThatDoesNothing_CallsItTooSmall()
    {
        var report = Seen(
                1e-4,
                net => net.Oppose(critic, 1e-4).Optimize(critic, parameters => optim.Adam(parameters, 0.2)),
                offset: 8
            )
            .Report();

        Assert.True(report.Has(AdversarialSymptom.WeightTooSmall), report.ToString());
    }

    [Fact]
    public void Report_OfACriticThatWins_CallsItSaturated()
    {
        var report = Seen(
                0.5,
                net => net.Oppose(critic, 0.5).Optimize(critic, parameters => optim.Adam(parameters, 0.2)),
                offset: 8
            )
            .Report();

        Assert.Equal(AdversarialSymptom.CriticSaturated, Assert.Single(report.Findings).Symptom);
        Assert.Contains("OpposeInTurns", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfATargetReadAsOneClass_CallsItCollapsed()
    {
        var report = Seen(null, net => net.Oppose(critic).Minimize(new EntropyMinimization(), 10)).Report();

        Assert.True(report.Has(AdversarialSymptom.TargetCollapsed), report.ToString());
        Assert.Contains("1 of 2 classes", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfCriticAndExtractorThatOvertakeEachOther_CallsItOscillating()
    {
        var report = InMomentum(rate: 3e-3);

        Assert.True(report.Has(AdversarialSymptom.Oscillating), report.ToString());
        Assert.Contains("changed its direction", report.ToString(), StringComparison.Ordinal);
        // The critic is right, wrong and right again, more than once.
        var accuracies = report.Epochs.Select(epoch => epoch.CriticAccuracy).ToList();
        Assert.True(accuracies.Max() > 0.9 && accuracies.Skip(3).Min() < 0.3, report.ToString());
        // What it says to do helps.
        Assert.False(InMomentum(rate: 3e-4).Has(AdversarialSymptom.Oscillating));
    }

    [Fact]
    public void ToHtml_OfATraining_HasACurveOfEverythingThatWasSeen()
    {
        var report = Seen(Ramp, net => net.Oppose(critic, Ramp).Optimize(critic, Fast)).Report();

        var section = XElement.Parse(report.ToHtml(isPage: false));

        var pictures = section.Elements("svg").ToList();
        Assert.Equal(6, pictures.Count);
        Assert.StartsWith("Nothing is wrong", section.Element("p")!.Value, StringComparison.Ordinal);
        Assert.Equal(
            ["source", "target"],
            pictures[0].Elements("text").Where(text => text.Attribute("fill") is not null).Select(text => text.Value)
        );
        Assert.Equal(
            ["CrossEntropy", "DomainAdversary"],
            pictures[5]
                .Elements("text")
                .Where(text => text.Attribute("fill") is not null)
                .Select(text => text.Value)
                .Order()
        );
        var points = pictures[0].Elements("polyline").First().Attribute("points")!.Value.Split(' ');
        Assert.Equal(report.Epochs.Count, points.Length);
        // More often right is higher up: a smaller coordinate.
        double Up(int epoch) => double.Parse(points[epoch].Split(',')[1], CultureInfo.InvariantCulture);
        var (most, least) = (
            report.Epochs.Index().MaxBy(epoch => epoch.Item.CriticOnSource).Index,
            report.Epochs.Index().MinBy(epoch => epoch.Item.CriticOnSource).Index
        );
        Assert.True(Up(most) < Up(least));
        Assert.StartsWith("<!doctype html>", report.ToHtml(), StringComparison.Ordinal);
    }

    // A critic that guesses costs 0.5 by least squares; 0.06 is a seventh of what 0.2 is of cross-entropy's 1.39.
    [Theory]
    [InlineData(0.06, true)]
    [InlineData(0.1, false)]
    public void Judgment_OfACriticByLeastSquares_IsByItsOwnLoss(double loss, bool isSaturated)
    {
        var epoch = Epoch() with { CriticOnSource = 0.99, CriticOnTarget = 0.95, CriticLoss = loss };
        var diagnosis = new AdversarialDiagnosis(critic) { Criterion = CriticLoss.LeastSquares };

        var found = AdversarialJudgment.Of([epoch], diagnosis);

        Assert.Equal(isSaturated, found.Any(it => it.Symptom == AdversarialSymptom.CriticSaturated));
    }

    [Fact]
    public void ToHtml_OfFindings_ListsThemAndLeavesOutWhatNobodyKnows()
    {
        var epoch = Epoch() with
        {
            Separability = double.NaN,
            CriticOnSource = 0.99,
            CriticOnTarget = 0.95,
            CriticLoss = 0.1,
        };
        var diagnosis = new AdversarialDiagnosis(critic);

        var report = new AdversarialReport(
            [epoch],
            [.. AdversarialJudgment.Of([epoch], diagnosis)],
            diagnosis.GuessLoss
        );
        var section = XElement.Parse(report.ToHtml(isPage: false));

        Assert.Contains("OpposeInTurns", Assert.Single(section.Descendants("li")).Value, StringComparison.Ordinal);
        Assert.Equal(4, section.Elements("svg").Count()); // no A-distance and no objective
        Assert.Contains(
            "No epoch",
            new AdversarialReport([], [], diagnosis.GuessLoss).ToHtml(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Fit_WithADiagnosis_IsTheSameBitForBit()
    {
        byte[] Fitted(bool isWatched)
        {
            Toy.SeedModules(5);
            using var extractor = Toy.Extractor(dropout: 0.3, hasNormalization: true);
            using var predictor = Toy.Predictor();
            using var judge = Toy.Critic();
            Recipes
                .Dann(extractor, predictor, judge)
                .Fit(
                    Toy.Source(128),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Observers = isWatched ? [new AdversarialDiagnosis(judge)] : [],
                        Training = new TrainingOptions { Epochs = 2, BatchSize = 32 },
                    }
                )
                .Dispose();
            return Toy.Bits(extractor, predictor, judge);
        }

        Assert.Equal(Fitted(false), Fitted(true));
    }

    [Fact]
    public void OnEpoch_OfAConditionalCriticAndAnotherStage_LooksAtWhatItIsGiven()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var joint = new ModulePart(() => nn.Linear(16, 1));
        var diagnosis = new AdversarialDiagnosis(joint) { Stage = 1, Joint = MultilinearMap.Of };
        var options = new FitOptions
        {
            Observers = [diagnosis],
            Training = new TrainingOptions { Epochs = 2, BatchSize = 32 },
        };

        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).OpposeConditionally(joint))
            .Fit(Toy.Source(64), Toy.LabeledTarget().WithoutLabels(), options)
            .Dispose();

        Assert.Equal([1, 1], diagnosis.Epochs.Select(epoch => epoch.Stage));
        Assert.Equal([1, 2], diagnosis.Epochs.Select(epoch => epoch.Epoch));
        Assert.All(diagnosis.Epochs, epoch => Assert.True(epoch.CriticGradient > 0));
    }

    [Fact]
    public void OnEpoch_OfOneLabel_SaysThatNothingIsToBeLearned()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var source = new LabeledDomain(Toy.Source(64).Inputs, zeros(64, int64), space: LabelSpace.Classes(2));
        var diagnosis = new AdversarialDiagnosis(critic, 100);
        var options = new FitOptions
        {
            Observers = [diagnosis],
            Training = new TrainingOptions { Epochs = 1, BatchSize = 32 },
        };

        Recipes.Dann(extractor, predictor, critic).Fit(source, Toy.LabeledTarget().WithoutLabels(), options).Dispose();

        Assert.True(double.IsNaN(Assert.Single(diagnosis.Epochs).LabelsLearned));
        Assert.False(diagnosis.Report().Has(AdversarialSymptom.WeightTooLarge));
    }

    [Fact]
    public void OnEpoch_OfValues_LooksAtNoClasses()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor(classes: 1);
        var source = Toy.Source(64);
        var values = new LabeledDomain(source.Inputs, source.Inputs.sum(dim: 1));
        var diagnosis = new AdversarialDiagnosis(critic);

        Recipes
            .Dann(extractor, predictor, critic, loss: new SquaredError())
            .Fit(values, Toy.LabeledTarget().WithoutLabels(), new FitOptions { Observers = [diagnosis] })
            .Dispose();

        Assert.Equal(0, diagnosis.Epochs[^1].SourceClasses);
        Assert.True(diagnosis.Epochs[^1].LabelsLearned is > -1 and <= 1);
        Assert.False(diagnosis.Report().Has(AdversarialSymptom.TargetCollapsed));
    }

    [Fact]
    public void Report_BeforeAnyEpoch_SaysWhatIsMissing()
    {
        var report = new AdversarialDiagnosis(critic).Report();

        Assert.False(report.IsHealthy);
        Assert.Contains("FitOptions.Observers", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Judgment_OfMadeUpEpochs_KeepsToItsLimits()
    {
        var fine = Epoch();
        Assert.Empty(Judged(fine, fine));
        Assert.Equal([AdversarialSymptom.CriticTooWeak], Judged(fine, fine with { CriticOnSource = 0.4 }));
        Assert.Empty(Judged(fine with { CriticOnSource = 0.4 }, fine)); // the second half counts
        Assert.Empty(Judged(fine, fine with { CriticOnSource = 0.4, Separability = 0.9 })); // confused: as it should be
        Assert.Empty(Judged(fine, fine with { CriticOnSource = 0.4, Separability = double.NaN }));
        var right = fine with { CriticOnSource = 0.99, CriticOnTarget = 0.95, CriticLoss = 0.1 };
        Assert.Equal([AdversarialSymptom.CriticSaturated], Judged(fine, right));
        Assert.Equal([AdversarialSymptom.WeightTooSmall], Judged(fine, right with { Weight = 0.01 }));
        Assert.Empty(Judged(fine, right with { CriticLoss = 0.3 }));
        Assert.Equal([AdversarialSymptom.WeightTooLarge], Judged(fine, fine with { Weight = 4, LabelsLearned = 0.45 }));
        Assert.Equal([AdversarialSymptom.WeightTooLarge], Judged(fine, fine with { Weight = 4, LabelsLearned = 0.6 }));
        Assert.Empty(Judged(fine, fine with { Weight = 4 })); // learned all the same
        Assert.Empty(Judged(fine, fine with { LabelsLearned = 0.45 })); // hard labels, not the critic
        Assert.Equal([AdversarialSymptom.TargetCollapsed], Judged(fine, fine with { TargetEvenness = 0.4 }));
        Assert.Equal([AdversarialSymptom.TargetCollapsed], Judged(fine, fine with { PredictedClasses = 2 }));
        Assert.Empty(Judged(fine, fine with { PredictedClasses = 3 }));
        var other = fine with { CriticOnTarget = 1, CriticOnSource = 1 };
        Assert.Equal([AdversarialSymptom.Oscillating], Judged(fine, other, fine, other, fine));
        Assert.Empty(Judged(fine, other, fine, fine)); // settled
    }

    public void Dispose()
    {
        critic.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Fit_WithoutASource_IsRefusedInThePlan()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var chain = new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new EntropyMinimization()));

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.FitSourceFree(
                Toy.LabeledTarget().WithoutLabels(),
                LabelSpace.Classes(2),
                new FitOptions { Observers = [new AdversarialDiagnosis(critic)] }
            )
        );

        Assert.Contains("no source", fault.Message, StringComparison.Ordinal);
    }

    // Critic and extractor by momentum, the critic some three times as fast.
    private AdversarialReport InMomentum(double rate)
    {
        using var judge = Critic();
        using var extractor = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.Tanh()));
        return Seen(
                3,
                net =>
                    net.Oppose(judge, 3)
                        .Optimize(judge, parameters => optim.SGD(parameters, rate * 3.3, momentum: 0.9))
                        .Optimize(extractor, parameters => optim.SGD(parameters, rate, momentum: 0.9)),
                game: (extractor, judge),
                epochs: 24
            )
            .Report();
    }

    private static AdversarialEpoch Epoch() =>
        new(0, 1, 0.5, 0.65, 0.6, 1.2, 1, 1, 1, 0.95, 4, 4, 0.9, 1.2, new Dictionary<string, double>());

    private IEnumerable<AdversarialSymptom> Judged(params AdversarialEpoch[] epochs) =>
        AdversarialJudgment.Of(epochs, new AdversarialDiagnosis(critic)).Select(finding => finding.Symptom);

    private static TorchSharp.Modules.OptimizerHelper Fast(IEnumerable<TorchSharp.Modules.Parameter> parameters) =>
        optim.Adam(parameters, 3e-2);

    private static ModulePart Critic()
    {
        Toy.SeedModules(4);
        return new ModulePart(() => nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1)));
    }

    // Two classes, and a third feature by which the target differs.
    private AdversarialDiagnosis Seen(
        Schedule? weight,
        Action<NetworkTraining> oppose,
        double offset = 3,
        (ModulePart Extractor, ModulePart Critic)? game = null,
        int epochs = 12
    )
    {
        Toy.SeedModules(5);
        using var extractor = game?.Extractor ?? Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (inputs, _) = Toy.Clouds(320, 2, angle: 0.3);
        var moved = inputs + tensor(new[] { 0, 0, (float)offset, 0 });
        var diagnosis = new AdversarialDiagnosis(game?.Critic ?? critic, weight) { MaxRows = 160, Logger = log };
        new AdaptationBuilder()
            .Train(extractor, predictor, net => oppose(net.Minimize(new CrossEntropy())))
            .Fit(
                Toy.Source(320),
                new UnlabeledDomain(moved),
                new FitOptions
                {
                    Seed = 1,
                    Observers = [diagnosis],
                    Training = new TrainingOptions
                    {
                        Epochs = epochs,
                        BatchSize = 32,
                        Optimizer = parameters => optim.Adam(parameters, 5e-3),
                    },
                }
            )
            .Dispose();
        return diagnosis;
    }
}
