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
        Assert.Equal(4, verdict.Votes.Count);
    }

    // A fit is a function of its candidate and seed alone: any order, side by side, again, resumed.
    [Fact]
    public void Run_SideBySide_IsTheSameBitForBit()
    {
        AdaptationSearch With(int parallelism, params string[] names) =>
            new()
            {
                Candidates = [.. names.Select(Mixed)],
                Seeds = [0, 1],
                Parallelism = parallelism,
            };
        var reports = new List<int>();
        // Long enough that trainings would meet.
        var options = new FitOptions { Training = new TrainingOptions { Epochs = 10 } };
        var one = With(1, "net", "coral", "net 2", "plain").Run(source, target, options);
        var many = With(3, "plain", "net 2", "coral", "net")
            .Run(source, target, options, new Seen(it => reports.Add(it.Done)));

        Assert.Equal(
            one.Ranking.Select(it => (it.Name, it.MeanRank, string.Join(' ', it.Values))),
            many.Ranking.Select(it => (it.Name, it.MeanRank, string.Join(' ', it.Values)))
        );
        Assert.Equal(Enumerable.Range(1, 8), reports);
        // Modules without a seed of their own differ by the fit's.
        using var first = one.Refit("net", 0);
        using var other = one.Refit("net", 1);
        Assert.NotEqual(Bytes(first), Bytes(other));
    }

    [Fact]
    public void Run_SideBySide_StopsAndThrowsWhatIsWrong()
    {
        var stop = new CancellationTokenSource();
        var search = new AdaptationSearch
        {
            Candidates = [.. Enumerable.Range(0, 8).Select(i => Candidate("even") with { Name = $"{i}" })],
            Parallelism = 2,
        };
        Assert.Throws<OperationCanceledException>(() =>
            search.Run(source, target, progress: new Seen(_ => stop.Cancel()), cancellationToken: stop.Token)
        );
        Assert.True(fits < 8, $"{fits}");
        Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationSearch
            {
                Candidates = [Candidate("even"), new("wrong", () => new AdaptationBuilder())],
                Parallelism = 2,
            }.Run(source, target)
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            "Parallelism",
            () => new AdaptationSearch { Candidates = [Candidate("even")], Parallelism = 0 }.Run(source, target)
        );
    }

    [Fact]
    public void Refit_OfTheBest_IsTheModelThatWasJudged()
    {
        var result = new AdaptationSearch
        {
            Candidates = [Mixed("net"), Mixed("plain")],
            Scores = [new PredictionInformation()],
            Seeds = [3],
        }.Run(source, target, Short);
        foreach (var candidate in result.Ranking)
        {
            using var model = result.Refit(candidate.Name);

            Assert.Equal(
                candidate.Values[0],
                new PredictionInformation().Score(model.Extractor, model.Predictor, new DomainSet([source], target))
            );
        }
        using var best = result.Refit();
        using var named = result.Refit(result.Best, 3);
        Assert.Equal(Bytes(named), Bytes(best));
        Assert.Throws<ArgumentException>("candidate", () => result.Refit("none"));
        Assert.Throws<InvalidOperationException>(() =>
            new SearchResult([new RankedCandidate("A", 1, 1, 1, [], null)], []).Refit()
        );
    }

    // Nine candidates whose value is their number: 9 get a ninth of 9 epochs, 3 a third, 1 all.
    [Fact]
    public void Run_Halving_TrainsFewerLongerAndRanksTheLastRoundFirst()
    {
        var trained = new List<(string Name, int Epochs)>();
        AdaptationSearch Search(string? journal) =>
            new()
            {
                Candidates =
                [
                    .. Enumerable
                        .Range(1, 9)
                        .Select(i =>
                            AdaptationCandidate.By(
                                $"{i}",
                                options =>
                                {
                                    trained.Add(($"{i}", options.Training.Epochs));
                                    return new AdaptationBuilder().Learn(new Sure(i));
                                }
                            )
                        ),
                ],
                Scores = [new PredictionEntropy()],
                Halving = new SuccessiveHalving(),
                Journal = journal,
            };
        var options = new FitOptions { Training = new TrainingOptions { Epochs = 9 } };
        var progress = new List<SearchProgress>();

        var result = Search(null).Run(source, target, options, new Seen(progress.Add));

        Assert.Equal([.. Enumerable.Repeat(1, 9), 3, 3, 3, 9], trained.Select(it => it.Epochs));
        Assert.Equal(["7", "8", "9", "9"], trained.Skip(9).Select(it => it.Name));
        Assert.Equal(["9", "8", "7", "6", "5", "4", "3", "2", "1"], result.Ranking.Select(it => it.Name));
        Assert.Equal([1, 1.0 / 3, 1.0 / 3, 1.0 / 9], result.Ranking.Take(4).Select(it => it.Share));
        Assert.Equal(["9"], result.NotWorse);
        Assert.Equal((13, 13), (progress[^1].Done, progress[^1].Of));
        Assert.Contains("11.1%", result.ToString(), StringComparison.Ordinal);
        Assert.Contains("trained", result.ToHtml(), StringComparison.Ordinal);

        // Killed in the second round, it goes on there.
        var path = work.File("journal");
        var stop = new CancellationTokenSource();
        trained.Clear();
        Assert.Throws<OperationCanceledException>(() =>
            Search(path)
                .Run(
                    source,
                    target,
                    options,
                    new Seen(it =>
                    {
                        if (it.Done == 10)
                        {
                            stop.Cancel();
                        }
                    }),
                    stop.Token
                )
        );
        Assert.Equal(10, trained.Count);
        Assert.Equal(result.ToString(), Search(path).Run(source, target, options).ToString());
        Assert.Equal(13, trained.Count);
    }

    [Theory]
    [InlineData(9, 3, 1.0 / 9, "9 3 1")]
    [InlineData(8, 2, 0.1, "8 4 2 1")]
    [InlineData(2, 3, 1.0 / 27, "2 1")]
    [InlineData(5, 4, 1, "5")]
    public void Halving_OfSomeCandidates_HasTheseRounds(int candidates, int factor, double least, string expected)
    {
        var rounds = new SuccessiveHalving { Factor = factor, LeastShare = least }.Rounds(candidates);

        Assert.Equal(expected, string.Join(' ', rounds.Select(round => round.Candidates)));
        Assert.Equal(1, rounds[^1].Share);
        Assert.True(rounds[0].Share >= least * 0.999);
    }

    [Fact]
    public void Shortened_OfStepsAndEpochs_IsTheShareOfEach()
    {
        var options = new FitOptions
        {
            Training = new TrainingOptions { Epochs = 10, ValidateEvery = 5 },
        };

        var third = SuccessiveHalving.Shortened(options, 1.0 / 3).Training;
        var steps = SuccessiveHalving.Shortened(options with { Training = new TrainingOptions { Steps = 100 } }, 0.25);

        Assert.Equal((3, 3), (third.Epochs, third.ValidateEvery));
        Assert.Equal(25, steps.Training.Steps);
        Assert.Equal(1, SuccessiveHalving.Shortened(options, 0.01).Training.Epochs);
        Assert.Same(options, SuccessiveHalving.Shortened(options, 1));
    }

    // The right candidate reads every source by the other one, the collapsed one half of the rows.
    [Fact]
    public void Run_LeavingOneSourceOut_JudgesByItsLabels()
    {
        var search = new AdaptationSearch
        {
            Candidates = [Candidate("collapsed"), Candidate("right")],
            LeavesOneSourceOut = true,
        };
        LabeledDomain[] sources = [source, Toy.Source(200, seed: 8)];

        var result = search.Run(sources, target);

        Assert.Equal(["source 0 left out", "source 1 left out"], result.Scores);
        Assert.Equal("right", result.Best);
        Assert.All(result.Ranking[0].Values, accuracy => Assert.True(accuracy > 0.95));
        Assert.Equal([0.5, 0.5], result.Ranking[1].Values);
        using var model = result.Refit();
        Assert.Equal(target.Count, model.PredictClasses(target.Inputs).shape[0]);
        Assert.Throws<ArgumentException>("sources", () => search.Run(source, target));
    }

    [Fact]
    public void Guard_FallingBackToAMixture_KeepsTheMeanOfBothAndSavesIt()
    {
        // Only one of three votes is for the adapted model.
        var guard = new NegativeTransferGuard
        {
            Plain = Mixed("plain").Chain,
            Adapted = Mixed("net").Chain,
            Scores = [new Flipping("a", 1), new Flipping("b", -1), new Flipping("c", -1)],
            Fallback = GuardFallback.Mixture,
        };
        var options = Short with { Seed = 4 };

        using var verdict = guard.Fit(source, target, options);

        Assert.True(verdict.IsMixture && !verdict.IsAdapted, verdict.ToString());
        Assert.Contains("mean of both", verdict.ToString(), StringComparison.Ordinal);
        using var plain = Mixed("plain").Chain().Fit(source, target, options);
        using var mixed = verdict.Model.PredictProbabilities(target.Inputs);
        using var ofPlain = plain.PredictProbabilities(target.Inputs);
        // Twice the mean less the plain one is the other model's, whose rows sum to 1 as well.
        var rest = (mixed * 2) - ofPlain;
        Assert.True(rest.ge(-1e-5).all().item<bool>() && rest.le(1 + 1e-5).all().item<bool>());
        Assert.True(rest.sum(1).sub(1).abs().max().item<float>() < 1e-5);
        Assert.True((rest - ofPlain).abs().max().item<float>() > 1e-3);
        var path = work.File("mixture");
        verdict.Model.Save(path);
        using var loaded = AdaptedModel.Load(path, Extractor(), nn.Linear(8, 2));
        Assert.True(loaded.PredictProbabilities(target.Inputs).allclose(mixed));
    }

    [Fact]
    public void Guard_WithoutAnyVoteForTheAdapted_DoesNotMix()
    {
        using var verdict = new NegativeTransferGuard
        {
            Plain = Candidate("right").Chain,
            Adapted = Candidate("even").Chain,
            Scores = [new Flipping("a", -1)],
            Fallback = GuardFallback.Mixture,
        }.Fit(source, target);

        Assert.False(verdict.IsMixture || verdict.IsAdapted);
    }

    // The plain learner is the same for every seed, the network with its single epoch is not.
    [Fact]
    public void Guard_WithAgreementSeeds_LetsTheAgreementOfFitsVote()
    {
        NegativeTransferGuard With(params long[] seeds) =>
            new()
            {
                Plain = Mixed("plain").Chain,
                Adapted = Mixed("net").Chain,
                Scores = [new Flipping("a", 1)],
                AgreementSeeds = seeds,
            };

        using var verdict = With(5, 6).Fit(source, target, Short);

        Assert.Equal(["a", "SeedAgreement"], verdict.Votes.Select(vote => vote.Score));
        Assert.Equal(1, verdict.Votes[1].Plain);
        Assert.True(verdict.Votes[1].Adapted < 1);
        AdaptedModel[] models = [.. new long[] { 0, 5, 6 }.Select(seed => Search("net", seed))];
        Assert.Equal(SeedAgreement.Of(models, target), verdict.Votes[1].Adapted);
        foreach (var model in models)
        {
            model.Dispose();
        }
        Assert.Throws<ArgumentException>(() => With(1, 1).Fit(source, target));
        Assert.Throws<ArgumentException>(() => With(0).Fit(source, target));

        AdaptedModel Search(string name, long seed) =>
            new AdaptationSearch { Candidates = [Mixed(name)] }
                .Run(source, target, Short)
                .Refit(name, seed);
    }

    // The disagreement bounds what the choice can cost, whatever the votes.
    [Fact]
    public void Guard_OfModelsThatDisagree_KeepsThePlainOneWhereThatIsAsked()
    {
        NegativeTransferGuard With(double most, GuardFallback fallback = GuardFallback.Plain) =>
            new()
            {
                Plain = Candidate("even").Chain,
                Adapted = Candidate("right").Chain,
                MostDisagreement = most,
                Fallback = fallback,
            };

        using var free = With(1).Fit(source, target);
        using var held = With(0.1).Fit(source, target);
        using var unmixed = With(0.1, GuardFallback.Mixture).Fit(source, target);

        Assert.True(free.IsAdapted);
        Assert.InRange(free.Disagreement, 0.2, 1);
        Assert.False(held.IsAdapted);
        Assert.False(unmixed.IsAdapted || unmixed.IsMixture);
        Assert.Equal(free.Disagreement, held.Disagreement);
    }

    [Fact]
    public void Rejecting_OfAVerdict_CalibratesTheModelThatWasKept()
    {
        using var verdict = GuardOf("even", "right").Fit(source, target);
        var calibration = Toy.Source(200, seed: 9);

        using var sets = verdict.Rejecting(calibration, target, new ConformalPrediction { Confidence = 0.8 });
        using var expected = new ConformalPrediction { Confidence = 0.8 }.Fit(verdict.Model, calibration, target);

        Assert.Equal(
            expected.Classes(target.Inputs).data<long>().ToArray(),
            sets.Classes(target.Inputs).data<long>().ToArray()
        );
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

    private static FitOptions Short => new() { Training = new TrainingOptions { Epochs = 1 } };

    private static nn.Module<Tensor, Tensor> Extractor() => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.3));

    private static byte[] Bytes(AdaptedModel model)
    {
        using var features = model.Extractor.Extract(Toy.LabeledTarget().Inputs);
        return [.. features.contiguous().bytes];
    }

    // Networks with dropout beside shallow learners.
    private static AdaptationCandidate Mixed(string name) =>
        new(
            name,
            () =>
                name switch
                {
                    "plain" => new AdaptationBuilder().Learn(new LogisticRegression()),
                    "coral" => new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression()),
                    _ => new AdaptationBuilder().Train(
                        Extractor(),
                        nn.Linear(8, 2),
                        net => net.Minimize(new CrossEntropy { LabelSmoothing = name == "net" ? 0 : 0.1 })
                    ),
                }
        );

    private AdaptationCandidate Candidate(string name) =>
        new(
            name,
            () =>
            {
                Interlocked.Increment(ref fits);
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

    /// <summary>A learner whose predictions are as sure as it is told.</summary>
    private sealed class Sure(double bias) : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain domain) => new Fixed(bias);
    }

    /// <summary>A score that prefers the model that it sees second, or first.</summary>
    private sealed class Flipping(string name, double step) : IModelScore
    {
        private double value;

        public string Name => name;

        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains) => value += step;
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
