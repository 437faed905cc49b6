using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Searches over candidates, and the guard against negative transfer.</summary>
public sealed class AdaptationSearchTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private int fits;

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void Run_ThreeCandidates_RanksThemWithIntervals()
    {
        var search = Search("right", "even", "collapsed");

        var result = search.Run(source, target);

        Assert.Equal(["right", "even", "collapsed"], result.Ranking.Select(candidate => candidate.Name));
        Assert.Equal("right", result.Best);
        Assert.All(result.Ranking, it => Assert.True(it.Low <= it.MeanRank && it.MeanRank <= it.High));
        Assert.Contains("right", result.NotWorse);
        Assert.Contains("mean rank", result.ToString(), StringComparison.Ordinal);
        Assert.Equal(6, fits);
    }

    [Fact]
    public void Run_AgainWithItsJournal_FitsNothingTwice()
    {
        var whole = Search("right", "even").Run(source, target);
        var path = work.File("journal");
        var stop = new CancellationTokenSource();
        var progress = new Seen(_ => stop.Cancel());
        Assert.Throws<OperationCanceledException>(() =>
            Journaled(path, "right", "even").Run(source, target, progress: progress, cancellationToken: stop.Token)
        );
        File.AppendAllText(path, "{\"Candidate\":\"ri");
        fits = 0;

        var resumed = Journaled(path, "right", "even").Run(source, target);

        Assert.Equal(3, fits);
        Assert.Equal(whole.ToString(), resumed.ToString());
        fits = 0;
        Assert.Equal(whole.ToString(), Journaled(path, "right", "even").Run(source, target).ToString());
        Assert.Equal(0, fits);
        Assert.Throws<InvalidDataException>(() => Journaled(path, "right").Run(Toy.Source(rows: 40), target));
        // As many rows, other ones; and other options.
        Assert.Throws<InvalidDataException>(() => Journaled(path, "right").Run(Toy.Source(seed: 9), target));
        var longer = new FitOptions { Training = new TrainingOptions { Epochs = 3 } };
        Assert.Throws<InvalidDataException>(() => Journaled(path, "right").Run(source, target, longer));
    }

    [Theory]
    [InlineData("{\"Candidate\":\"right\",\"Seed\":0,\"Values\":[1],\"Fault\":null}")]
    [InlineData("{\"Candidate\":\"right\",\"Seed\":0,\"Values\":null,\"Fault\":null}")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Run_WithAJournalWhoseLinesAreNotWhole_FitsThemAgain(string line)
    {
        var path = work.File("journal");
        var whole = Journaled(path, "right").Run(source, target);
        var head = File.ReadLines(path).First();
        File.WriteAllText(path, head + "\n" + line + "\n");

        Assert.Equal(whole.ToString(), Journaled(path, "right").Run(source, target).ToString());

        File.WriteAllText(path, head[..10]);
        Assert.Equal(whole.ToString(), Journaled(path, "right").Run(source, target).ToString());
    }

    // As where the disk is full when the lines are written anew.
    [Fact]
    public void Run_AJournalThatCannotBeWritten_IsAsItWas()
    {
        var path = work.File("journal");
        Journaled(path, "right").Run(source, target);
        var lines = File.ReadAllLines(path);
        Directory.CreateDirectory(path + ".writing");

        Assert.ThrowsAny<Exception>(() => Journaled(path, "right").Run(source, target));

        Assert.Equal(lines, File.ReadAllLines(path));
    }

    [Theory]
    [InlineData("failing")]
    [InlineData("refusing")]
    [InlineData("endless")]
    public void Run_ACandidateThatFails_RanksLastAndSaysWhy(string name)
    {
        var search = Search("right", name);

        var result = search.Run(source, target);

        Assert.Equal(name, result.Ranking[^1].Name);
        Assert.Equal("it cannot be fitted", result.Ranking[^1].Fault);
        Assert.Equal(2, result.Ranking[^1].MeanRank);
    }

    // A chain that cannot be built, and one that the domains do not fit, are the caller's faults.
    [Fact]
    public void Run_ACandidateThatIsWrong_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            With(() => new AdaptationBuilder().Learn(new LogisticRegression()).RejectUnknown(new EntropyRule(1)))
        );
        Assert.Throws<InvalidAdaptationException>(() => With(() => new AdaptationBuilder()));

        void With(Func<AdaptationBuilder> chain) =>
            new AdaptationSearch { Candidates = [new("wrong", chain)] }.Run(source, target);
    }

    [Fact]
    public void Run_NothingToSearch_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new AdaptationSearch { Candidates = [] }.Run(source, target));
        Assert.Throws<ArgumentException>(() => Search("right", "right").Run(source, target));
        Assert.Throws<ArgumentException>(() =>
            new AdaptationSearch { Candidates = Search("right").Candidates, Seeds = [1, 1] }.Run(source, target)
        );
        Assert.Throws<ArgumentException>(() =>
            new AdaptationSearch { Candidates = [new("none", null!)] }.Run(source, target)
        );
        Assert.Throws<ArgumentException>(() =>
            new AdaptationSearch { Candidates = Search("right").Candidates, Scores = [] }.Run(source, target)
        );
    }

    [Fact]
    public void Guard_AnAdaptationThatCollapses_KeepsThePlainModel()
    {
        using var verdict = GuardOf("right", "collapsed").Fit(source, target);

        Assert.False(verdict.IsAdapted);
        Assert.True(verdict.ClassesOfPlain > 1.8);
        Assert.Contains("without adaptation is kept", verdict.ToString(), StringComparison.Ordinal);
        Assert.Equal(target.Count, verdict.Model.PredictClasses(target.Inputs).shape[0]);
    }

    [Fact]
    public void Guard_AnAdaptationThatHelps_KeepsTheAdaptedModel()
    {
        using var verdict = GuardOf("even", "right").Fit(source, target);

        Assert.True(verdict.IsAdapted, verdict.ToString());
        Assert.Equal(3, verdict.Votes.Count);
    }

    [Fact]
    public void Run_WithCheckpoints_IsRefusedBeforeAnyFit()
    {
        var options = new FitOptions { Checkpoints = new CheckpointOptions(work.File("checkpoints")) };
        var guard = new NegativeTransferGuard
        {
            Plain = () => new AdaptationBuilder().Learn(new LogisticRegression()),
            Adapted = () => new AdaptationBuilder().Learn(new LogisticRegression()),
        };

        Assert.Throws<ArgumentException>("options", () => Search("right", "even").Run(source, target, options));
        Assert.Throws<ArgumentException>("options", () => guard.Fit(source, target, options));
        Assert.Equal(0, fits);
    }

    [Fact]
    public void Run_AJournalOfAScoreWithOtherSettings_IsRefused()
    {
        var path = work.File("journal");
        AdaptationSearch With(double temperature) =>
            new()
            {
                Candidates = Search("even").Candidates,
                Scores = [new SoftNeighborhoodDensity { Temperature = temperature }],
                Journal = path,
            };
        With(0.05).Run(source, target);

        Assert.Throws<InvalidDataException>(() => With(0.1).Run(source, target));
    }

    // A training that early stopping has ended must not shorten the next one.
    [Fact]
    public void EarlyStopping_InSeveralFits_BeginsAnewInEach()
    {
        var stopping = new EarlyStopping(patience: 2);
        var lasting = new List<long>();
        foreach (var scores in new double[][] { [9, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6] })
        {
            Toy.SeedModules(3);
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            var told = new Told(scores);
            using var model = new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(
                    source,
                    target,
                    new FitOptions
                    {
                        Observers = [stopping],
                        Training = new TrainingOptions { Epochs = 6, Validation = told },
                    }
                );
            lasting.Add(told.Asked);
        }

        Assert.Equal([3, 6], lasting);
    }

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 1, 0.5)]
    [InlineData(1, double.NaN, 0.5)]
    [InlineData(double.NaN, 1, 0.5)]
    public void ScoreVote_OfTwoValues_IsForTheLargerAndHalfWhereNoneIs(double plain, double adapted, double expected) =>
        Assert.Equal(expected, new ScoreVote("one", plain, adapted).ForAdapted);

    public void Dispose()
    {
        scope.Dispose();
        work.Dispose();
    }

    private AdaptationSearch Search(params string[] names) =>
        new() { Candidates = [.. names.Select(Candidate)], Seeds = [0, 1] };

    private AdaptationSearch Journaled(string journal, params string[] names) =>
        new()
        {
            Candidates = [.. names.Select(Candidate)],
            Seeds = [0, 1],
            Journal = journal,
        };

    private NegativeTransferGuard GuardOf(string plain, string adapted) =>
        new() { Plain = Candidate(plain).Chain, Adapted = Candidate(adapted).Chain };

    private AdaptationCandidate Candidate(string name) =>
        new(
            name,
            () =>
            {
                fits++;
                return name == "right"
                    ? new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression())
                    : new AdaptationBuilder().Learn(new Known(name));
            }
        );

    /// <summary>A learner whose quality is known: it predicts one class, is never sure, or cannot be fitted.</summary>
    private sealed class Known(string name) : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain domain) =>
            name switch
            {
                "failing" => throw new InvalidOperationException("it cannot be fitted"),
                "refusing" => throw new ArgumentException("it cannot be fitted"),
                "endless" => throw new NotFiniteNumberException("it cannot be fitted"),
                "collapsed" => new Fixed(50),
                _ => new Fixed(0),
            };
    }

    private sealed class Fixed(double bias) : ILabelPredictor
    {
        public Tensor Predict(Tensor features) =>
            cat([full([features.shape[0], 1], bias, float64), 1e-3 * features.narrow(1, 0, 1).to(float64)], 1);
    }

    private sealed class Seen(Action<SearchProgress> then) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => then(value);
    }

    /// <summary>A validation whose scores are told.</summary>
    private sealed class Told(double[] scores) : IModelScore
    {
        public int Asked { get; private set; }

        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains) =>
            scores[Asked++];
    }
}
