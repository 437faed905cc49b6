// Which method suits two domains? Looks at the shift, fits what suits it, ranks it without target labels, asks the
// guard whether to adapt at all, and saves the model: `dotnet run -c Release --project samples/WhichMethod -- --source
// a.csv --target b.csv --label column`. Without arguments it takes the machines of samples/TabularShift.
using System.Diagnostics;
using TransferLearning;
using TransferLearning.Selection;
using TransferLearning.Theory;
using WhichMethod;

return WhichMethodOptions.Parse(args, Run);

static int Run(WhichMethodOptions options, CancellationToken cancellation)
{
    var watch = Stopwatch.StartNew();
    try
    {
        Directory.CreateDirectory(options.Output);
        var problem = Problem.Read(options, Console.WriteLine, cancellation);
        // Not before: what cannot be read must not cost what an earlier run has done.
        if (options.IsFresh)
        {
            File.Delete(options.Journal);
        }
        Console.WriteLine($"{problem.Title}\n");

        var (source, target) = problem.Standardized();
        var shift = new ShiftDiagnosis().Of(source, target);
        Console.WriteLine($"{shift}\n");

        var candidates = new Candidates(problem, shift, options.All);
        var search = new AdaptationSearch
        {
            Candidates = [.. candidates.List.Select(one => new AdaptationCandidate(one.Name, one.Chain))],
            Scores =
            [
                new PredictionInformation(),
                new PredictionNuclearNorm(),
                new ClusterSilhouette(),
                new ClusterAgreement(),
                new MixedSampleConsistency(),
                new MixedSampleConsistency { Pairs = MixedPairs.Within },
                new DeepEmbeddedValidation(problem.HeldOut),
            ],
            Seeds = [.. Enumerable.Range(0, options.Seeds).Select(seed => (long)seed)],
            Journal = options.Journal,
        };
        var result = search.Run(
            problem.Source,
            problem.Target,
            Candidates.Options,
            new ConsoleProgress(watch),
            cancellation
        );
        Console.WriteLine($"\n{result}\nnot told from the best: {string.Join(", ", result.NotWorse)}\n");

        using var choice = Choice.Make(problem, candidates, result, cancellation);
        Console.WriteLine(choice);
        choice.Save(options.Output, problem);
        var judgment = options.Judge ? Judgment.Of(problem, candidates, choice, cancellation) : null;
        Console.Write(judgment);

        ReportFiles.Write(options.Output, problem, shift, result, choice, judgment, watch.Elapsed);
        Console.WriteLine($"\n{watch.Elapsed.TotalSeconds:F0} s. Model, report.html, report.json in {options.Output}");
        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine("Stopped. The same command goes on from here; --fresh starts anew.");
        return 130;
    }
    catch (Exception fault)
        when (fault is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
    {
        Console.Error.WriteLine($"{fault.Message}\n--fresh forgets an earlier run, --output names another folder.");
        return 1;
    }
}
