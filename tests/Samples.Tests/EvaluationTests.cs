using Evaluate.Measuring;
using Evaluate.Reporting;
using TorchSharp;
using TransferLearning;
using TransferLearning.Predictors;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Samples.Tests;

/// <summary>How the evaluation runs, on two tiny tasks.</summary>
public sealed class EvaluationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly DisposeScope scope = NewDisposeScope();
    private int fits;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Run_MethodThatFails_IsReportedAndEndsNothing()
    {
        var table = Table(
            new EvaluationMethod("broken", (_, _, _) => throw new InvalidOperationException("no, never")),
            Nearest()
        );

        var outcomes = Run(table, TestContext.Current.CancellationToken);

        Assert.Equal(4, outcomes.Count);
        Assert.All(
            outcomes.Where(o => o.Method == "broken"),
            o => Assert.Contains("no, never", o.Fault, StringComparison.Ordinal)
        );
        Assert.All(outcomes.Where(o => o.Method == "1-NN"), o => Assert.Equal(100, o.Value));
        var rows = RowSummary.Of(table, outcomes);
        Assert.True(double.IsNaN(rows[0].Mean));
        Assert.Equal(100, rows[1].Mean);
    }

    [Fact]
    public void Run_TakenUpAgain_MeasuresOnlyWhatIsMissing()
    {
        using var stop = new CancellationTokenSource();
        var table = Table(
            Counted(),
            new EvaluationMethod(
                "1-NN",
                (data, options, token) =>
                {
                    stop.Cancel();
                    return Nearest().Fit(data, options, token);
                }
            )
        );

        Assert.Throws<OperationCanceledException>(() => Run(table, stop.Token));
        var outcomes = Run(table, TestContext.Current.CancellationToken);

        Assert.Equal(4, outcomes.Count);
        Assert.Equal(2, fits);
        Assert.All(outcomes, outcome => Assert.True(outcome.IsMeasured));
    }

    [Fact]
    public void Run_TaskWhoseDataIsMissing_EndsItAndKeepsWhatWasMeasured()
    {
        var whole = Table(Counted());
        EvaluationTask[] missing = [whole.Tasks[0], new("none", _ => throw new FileNotFoundException("no such file"))];

        var fault = Assert.Throws<InvalidDataException>(() =>
            Run(whole with { Tasks = missing }, TestContext.Current.CancellationToken)
        );
        var outcomes = Run(whole, TestContext.Current.CancellationToken);

        Assert.Contains("tiny, none", fault.Message, StringComparison.Ordinal);
        Assert.Contains("no such file", fault.Message, StringComparison.Ordinal);
        Assert.All(outcomes, outcome => Assert.True(outcome.IsMeasured));
        Assert.Equal(2, fits); // that of the first task once
    }

    [Fact]
    public void GeneralizedScore_OfSeenAndUnseenClasses_IsTheirHarmonicMean()
    {
        // The source shows classes 0 and 1; of the judged rows of 0 half are right, of those of 2 all.
        var space = LabelSpace.Classes(3);
        var source = new LabeledDomain(ones(2, 3), tensor(new long[] { 0, 1 }), space: space);
        var judged = new LabeledDomain(
            tensor(
                new float[,]
                {
                    { 1, 0, 0 },
                    { 0, 1, 0 },
                    { 0, 0, 1 },
                }
            ),
            tensor(new long[] { 0, 0, 2 }),
            space: space
        );
        var table = new EvaluationTable(
            "tiny",
            "Tiny",
            "",
            Measure.GeneralizedScore,
            [new EvaluationTask("one", _ => new TaskData(source, judged))],
            [
                new EvaluationMethod(
                    "as it comes",
                    (_, _, _) => new AdaptedModel(ExtractorChain.Of(), new ModulePart(() => nn.Identity()))
                ),
            ]
        );

        var outcomes = Run(table, TestContext.Current.CancellationToken);

        Assert.Equal(100 * 2 * 0.5 / 1.5, outcomes.Single().Value, 9);
        Assert.True(double.IsNaN(RowSummary.Of(table, outcomes).Single().Margin));
    }

    [Fact]
    public void UnwarnedLosses_AreTheCellsFarBelowTheOtherRowThatDidNotWarn()
    {
        Outcome[] outcomes =
        [
            new("tiny", "easy", "1-NN", 1, 80, 100, 0, "", ""),
            new("tiny", "hard", "1-NN", 1, 60, 50, 0, "", ""),
            new("tiny", "easy", "mapped", 1, 70, 100, 0, "", "the map loses what tells the classes apart"),
            new("tiny", "hard", "mapped", 1, 55, 50, 0, "", ""),
        ];
        var rows = RowSummary.Of(Table(Nearest(), Nearest() with { Name = "mapped" }), outcomes);

        Assert.Equal([("hard", 5)], rows[1].UnwarnedLosses(rows[0], 2));
        Assert.Empty(rows[1].UnwarnedLosses(rows[0], 5));
        Assert.Empty(rows[0].UnwarnedLosses(rows[1], 2));
    }

    [Fact]
    public void Against_AnotherRow_IsWilcoxonsTestOverTasksAndSeeds()
    {
        var table = Table(Nearest(), Nearest() with { Name = "mapped" }) with { Seeds = 3 };
        var outcomes =
            from seed in Enumerable.Range(1, 3)
            from task in table.Tasks
            from method in table.Methods
            let gain = method.Name == "mapped" ? seed + (task.Name == "easy" ? 0.5 : 0) : 0
            select new Outcome("tiny", task.Name, method.Name, seed, 70 + gain, 10, 0, "", "");
        var rows = RowSummary.Of(table, [.. outcomes]);

        // Six gains of distinct sizes: 2 / 2^6.
        Assert.Equal(0.03125, rows[1].Against(rows[0])!.Value.PValue, 9);
        Assert.Equal(1, rows[0].Against(rows[0])!.Value.PValue);
    }

    [Fact]
    public void Margin_OneSeed_IsThatOfTheMeanOfShares()
    {
        var table = Table(Nearest());
        Outcome[] outcomes =
        [
            new("tiny", "easy", "1-NN", 1, 80, 100, 0, "", ""),
            new("tiny", "hard", "1-NN", 1, 60, 50, 0, "", ""),
        ];

        var row = RowSummary.Of(table, outcomes).Single();

        // 1.96 / 2 sqrt(80 * 20 / 100 + 60 * 40 / 50)
        Assert.Equal(7.84, row.Margin, 2);
        Assert.Equal(70, row.Mean);
    }

    [Fact]
    public void Margin_SeveralSeeds_IsStudents()
    {
        var table = Table(Nearest()) with { Seeds = 3 };
        var outcomes = new[] { 70.0, 72, 77 }
            .SelectMany(
                (value, i) =>
                    table.Tasks.Select(task => new Outcome("tiny", task.Name, "1-NN", i + 1, value, 10, 0, "", ""))
            )
            .ToList();

        var row = RowSummary.Of(table, outcomes).Single();

        // 4.3027 sqrt(13 / 3): 13 is the variance of 70, 72, 77
        Assert.Equal(8.957, row.Margin, 3);
    }

    [Fact]
    public void OutcomeFile_WrittenAndRead_IsTheSame()
    {
        var file = new OutcomeFile(Path.Combine(folder, "outcomes.csv"));
        var outcome = new Outcome(
            "table",
            "A to B",
            "one, or \"another\"",
            2,
            double.NaN,
            10,
            0.25,
            "no, never",
            "mind, \"this\""
        );

        file.Write([outcome]);

        Assert.Equal(outcome, file.Read().Single());
    }

    [Fact]
    public void OutcomeFile_ForeignFile_IsRefused()
    {
        var path = Path.Combine(folder, "other.csv");
        File.WriteAllText(path, "a,b\n1,2\n");

        var fault = Assert.Throws<InvalidDataException>(() => new OutcomeFile(path).Read());

        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReverseValidation_LearnerThatNamesAllAlike_IsNotTaken()
    {
        var labels = arange(12).remainder(3).eq(0).to(int64);
        LabeledDomain Rows(double shift) =>
            new((labels.to(float64) + shift).unsqueeze(1), labels, space: LabelSpace.Classes(2));
        var data = new TaskData(Rows(0), Rows(0.25));
        var method = ReverseValidation.Chosen(
            "chosen",
            [
                new AdaptationBuilder().Learn(new LogisticRegression { InversePenalty = 1e-9 }),
                new AdaptationBuilder().Learn(new NearestNeighbor()),
            ]
        );

        using var model = method.Fit(data, new FitOptions(), TestContext.Current.CancellationToken);

        Assert.Equal(labels.data<long>().ToArray(), model.PredictClasses(data.Target.Inputs).data<long>().ToArray());
    }

    [Fact]
    public void Run_TableWithCurves_KeepsTheMeansOfEveryTrainingAndDrawsThem()
    {
        var table = Table(Trained(trainings: 2), Nearest()) with { HasCurves = true };

        var outcomes = Run(table, TestContext.Current.CancellationToken);
        Assert.All(outcomes, outcome => Assert.Equal("", outcome.Fault));
        var curves = new CurveFile(Path.Combine(folder, "curves.jsonl")).Read();
        var report = Path.Combine(folder, "report.html");
        CurveReport.Write(report, "Tiny", [table], outcomes, curves);

        Assert.Equal(
            [
                ("easy", "1: SourceRisk"),
                ("easy", "2: SourceRisk"),
                ("hard", "1: SourceRisk"),
                ("hard", "2: SourceRisk"),
            ],
            curves.Select(curve => (curve.Task, curve.Objective))
        );
        Assert.All(curves, curve => Assert.Equal(20, curve.Values.Count));
        Assert.All(curves, curve => Assert.True(curve.Values[^1] < curve.Values[0]));
        Assert.Equal(4, File.ReadAllText(report).Split("<polyline").Length - 1);
    }

    [Fact]
    public void Run_TableWithoutCurves_KeepsNone()
    {
        Run(Table(Trained(trainings: 1)), TestContext.Current.CancellationToken);

        Assert.False(File.Exists(Path.Combine(folder, "curves.jsonl")));
    }

    [Fact]
    public void TakeOver_OfAnotherFile_AddsWhatThisOneLacks()
    {
        Outcome Measured(string task, double value) => new("tiny", task, "1-NN", 1, value, 10, 0, "", "");
        ObjectiveCurve Curve(string task, double value) => new("tiny", task, "1-NN", 1, "loss", [value, double.NaN]);
        var (mine, other) = (new OutcomeFile(Named("a.csv")), new OutcomeFile(Named("b.csv")));
        var (myCurves, otherCurves) = (new CurveFile(Named("a.jsonl")), new CurveFile(Named("b.jsonl")));
        mine.Write([Measured("easy", 1)]);
        other.Write([Measured("easy", 2), Measured("hard", 3)]);
        myCurves.Write([Curve("easy", 1)]);
        otherCurves.Write([Curve("easy", 2), Curve("hard", 3)]);

        mine.TakeOver(other);
        myCurves.TakeOver(otherCurves);

        Assert.Equal([1, 3], mine.Read().Select(outcome => outcome.Value));
        Assert.Equal([1, 3], myCurves.Read().Select(curve => curve.Values[0]));
    }

    private string Named(string file) => Path.Combine(folder, file);

    private static EvaluationMethod Trained(int trainings) =>
        new(
            "network",
            (data, options, stop) =>
            {
                static ModulePart Layer(int inputs, int outputs) =>
                    new(() => nn.Linear(inputs, outputs, dtype: float64));
                var (extractor, predictor) = (Layer(1, 4), Layer(4, 2));
                var trained = options with
                {
                    Training = new TrainingOptions { Steps = 40, BatchSize = 2 },
                };
                AdaptedModel Fit() =>
                    Recipes
                        .Erm(extractor, predictor)
                        .Fit(data.Source, data.Target.WithoutLabels(), trained, null, stop);
                for (var i = 1; i < trainings; i++)
                {
                    Fit().Dispose();
                }

                return Fit();
            }
        );

    private static EvaluationMethod Nearest() =>
        EvaluationMethod.Unsupervised("1-NN", new AdaptationBuilder().Learn(new NearestNeighbor()));

    private EvaluationMethod Counted() =>
        new(
            "counted",
            (data, options, stop) =>
            {
                fits++;
                return Nearest().Fit(data, options, stop);
            }
        );

    private static EvaluationTable Table(params EvaluationMethod[] methods) =>
        new("tiny", "Tiny", "Two points.", Measure.Accuracy, [Task("easy", 0), Task("hard", 0.25)], methods);

    private static EvaluationTask Task(string name, double shift) =>
        new(name, _ => new TaskData(Points(0), Points(shift)));

    private static LabeledDomain Points(double shift) =>
        new(
            tensor(
                new[,]
                {
                    { shift },
                    { shift + 1 },
                }
            ),
            tensor(new long[] { 0, 1 }),
            space: LabelSpace.Classes(2)
        );

    private IReadOnlyList<Outcome> Run(EvaluationTable table, CancellationToken cancellation = default) =>
        new EvaluationRun(
            [table],
            new OutcomeFile(Path.Combine(folder, "journal.csv")),
            new CurveFile(Path.Combine(folder, "curves.jsonl")),
            new Silence()
        ).Run(cancellation);

    private sealed class Silence : IEvaluationProgress
    {
        public void Started(EvaluationTable table, EvaluationTask task, EvaluationMethod method, int seed) { }

        public void Finished(EvaluationTable table, Outcome outcome) { }
    }
}
