using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>The checkpoints of one run: what the earlier run left, and where this one's go.</summary>
internal sealed class Checkpointer : IDisposable
{
    private const string Suffix = ".checkpoint";
    private const string BestName = "best" + Suffix;

    private readonly CheckpointOptions? options;
    private readonly FitOptions run;
    private readonly int stages;
    private readonly string fingerprint = "";
    private readonly FolderHold? hold;
    private readonly StateBag? resumed;
    private readonly StateBag done = StateBag.ForSaving();
    private double bestScore = double.NegativeInfinity;
    private long bestStage;

    /// <param name="run">The run's options.</param>
    /// <param name="stages">How many stages it has.</param>
    /// <param name="device">Where the parts of finished stages go back to.</param>
    /// <param name="fingerprint">
    /// What the run's result follows from; asked for only where there are checkpoints.
    /// </param>
    public Checkpointer(FitOptions run, int stages, Device device, Func<string> fingerprint)
    {
        (this.run, this.stages, options) = (run, stages, run.Checkpoints);
        if (options is null)
        {
            return;
        }
        this.fingerprint = fingerprint();
        hold = FolderHold.Of(options.Directory, IsWriter);
        try
        {
            resumed = options.Resume == ResumeMode.Never ? RefuseOldFiles() : ReadLatest(device);
            if (resumed is not null)
            {
                Header(resumed);
                Best(resumed);
            }
        }
        catch
        {
            hold?.Dispose();
            throw;
        }
        if (resumed is not null)
        {
            run.Logger.LogInformation(
                "resuming from '{Path}': {Finished} of {Stages} stages are taken from it whole",
                LastPath,
                Enumerable.Range(0, stages).Count(stage => Finished(stage) is not null),
                stages
            );
        }
    }

    /// <summary>Whether this run writes checkpoints at all.</summary>
    public bool IsActive => options is not null;

    /// <summary>The last checkpoint that this run wrote or resumed from.</summary>
    public string? LastPath { get; private set; }

    /// <summary>A number that tells the file which was resumed from; 0 where there is none.</summary>
    public double Origin
    {
        get
        {
            if (resumed is null)
            {
                return 0;
            }
            using var file = File.OpenRead(LastPath!);
            return 1 + SharedSteps.Number(SHA256.HashData(file));
        }
    }

    /// <summary>
    /// Takes the initial state of the parts of all stages but the first into every checkpoint, or puts back that of the
    /// earlier run: its later stages had not begun, and must begin from the same weights.
    /// </summary>
    public void ExchangeInitial(IReadOnlyList<IAdaptationStage> stages)
    {
        if (!IsActive)
        {
            return;
        }
        // A training that comes first keeps its parts by itself.
        for (var i = stages[0] is NetworkTraining ? 1 : 0; i < stages.Count; i++)
        {
            var parts = TrainingParts.Trainables(stages[i].Parts);
            for (var j = 0; j < parts.Count; j++)
            {
                var name = $"stage{i}/initial/part{j}";
                if (resumed is not null)
                {
                    parts[j].Exchange(resumed.Scope(name));
                }
                parts[j].Exchange(done.Scope(name));
            }
        }
    }

    /// <summary>The state of a stage that the earlier run had finished, or null.</summary>
    public StateBag? Finished(int stage) => Scope(stage, "finished");

    /// <summary>The state of a stage that the earlier run was in the middle of, or null.</summary>
    public StateBag? Interrupted(int stage) => Scope(stage, "current");

    /// <summary>Whether a checkpoint is due after this step.</summary>
    public bool IsDue(long step, long stepsPerEpoch) =>
        options is not null
        && (
            (options.EverySteps > 0 && step % options.EverySteps == 0)
            || (step % stepsPerEpoch == 0 && step / stepsPerEpoch % options.EveryEpochs == 0)
        );

    /// <summary>Writes a checkpoint of a stage under way.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="step">The steps it has taken.</param>
    /// <param name="exchange">Writes its state.</param>
    /// <param name="score">The validation score at this point, where there is one.</param>
    public void Save(int stage, long step, Action<StateBag> exchange, double? score)
    {
        if (stage != bestStage)
        {
            (bestStage, bestScore) = (stage, double.NegativeInfinity); // scores of different stages do not compare
        }
        var isBest = score > bestScore;
        bestScore = isBest ? score!.Value : bestScore;
        using var current = StateBag.ForSaving();
        exchange(current);
        var names = string.Create(CultureInfo.InvariantCulture, $"stage{stage:D2}-step{step:D9}{Suffix}");
        // First: a run that ends between the two goes on from before this step, and finds its score the best again.
        if (isBest && options!.KeepBest)
        {
            Write(BestName, bag => bag.Merge($"stage{stage}/current", current), isLatest: false);
        }
        Write(names, bag => bag.Merge($"stage{stage}/current", current));
    }

    /// <summary>
    /// Adds a finished stage to all later checkpoints and writes one, unless the file that was resumed from holds it.
    /// </summary>
    public void Finish(int stage, StateBag state)
    {
        done.Merge($"stage{stage}/finished", state);
        if (Finished(stage) is not null)
        {
            return;
        }
        var name = string.Create(CultureInfo.InvariantCulture, $"stage{stage:D2}-step999999999-finished{Suffix}");
        Write(name, _ => { });
    }

    public void Dispose()
    {
        resumed?.Dispose();
        done.Dispose();
        hold?.Dispose();
    }

    private StateBag? Scope(int stage, string part) =>
        resumed is not null && resumed.Has($"stage{stage}/{part}") ? resumed.Scope($"stage{stage}").Scope(part) : null;

    private void Write(string name, Action<StateBag> fill, bool isLatest = true)
    {
        var path = Path.Combine(options!.Directory, name);
        if (!IsWriter)
        {
            LastPath = isLatest ? path : LastPath;
            return;
        }
        var bag = StateBag.ForSaving();
        Header(bag);
        Best(bag);
        bag.Merge("", done);
        fill(bag);
        bag.Write(path);
        bag.Release(); // the entries belong to the finished stages and to the caller
        if (isLatest)
        {
            LastPath = path;
            foreach (var old in Files().SkipLast(options.KeepLast))
            {
                File.Delete(old);
            }
        }
    }

    // Of several processes the first one writes; the others know where.
    private bool IsWriter => run.Group is not { Rank: > 0 };

    private void Header(StateBag bag)
    {
        bag.Same("seed", run.Seed);
        bag.Same("stages", stages);
        var saved = fingerprint;
        bag.Text("fingerprint", ref saved);
        if (saved != fingerprint)
        {
            throw new InvalidDataException(
                $"'{LastPath}' is the checkpoint of another run. {Fingerprint.Differences(saved, fingerprint)}. "
                    + "Put back what differs, or give this run a checkpoint folder of its own."
            );
        }
    }

    private void Best(StateBag bag)
    {
        bag.Number("best score", ref bestScore);
        bag.Number("best stage", ref bestStage);
    }

    private StateBag? RefuseOldFiles() =>
        Files().LastOrDefault() is { } old
            ? throw new InvalidOperationException(
                $"'{old}' lies in the checkpoint folder already: resume from it (Resume = ResumeMode.IfPresent) "
                    + "or choose another folder."
            )
            : null;

    private StateBag? ReadLatest(Device device)
    {
        var files = Files();
        if (files.Count == 0 && options!.Resume == ResumeMode.Required)
        {
            throw new FileNotFoundException($"There is no checkpoint in '{options.Directory}' to resume from.");
        }
        for (var i = files.Count - 1; i >= 0; i--)
        {
            try
            {
                var bag = StateBag.ReadOnto(device, files[i]);
                LastPath = files[i];
                return bag;
            }
            catch (InvalidDataException fault) when (options!.FallBack && i > 0)
            {
                run.Logger.LogWarning("{Fault} Going back to '{Earlier}'.", fault.Message, files[i - 1]);
            }
        }
        return null;
    }

    private List<string> Files() =>
        [
            .. Directory
                .EnumerateFiles(options!.Directory, $"stage*{Suffix}")
                .OrderBy(Path.GetFileName, StringComparer.Ordinal),
        ];
}
