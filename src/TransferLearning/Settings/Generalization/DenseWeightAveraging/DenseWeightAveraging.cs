using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// SWAD: extractor and predictor end as the mean of what they were while the loss on held-out source rows lay in its
/// valley.
/// </summary>
/// <remarks>
/// <para>
/// Every step counts. After each <see cref="Every"/> steps, a segment, the loss on the held-out rows is measured, each
/// set of rows counted once. The valley begins with the first segment whose loss none of the
/// <see cref="OptimumPatience"/> - 1 after it goes below; the threshold is the mean loss of these segments times
/// <c>1 + ToleranceRatio</c>. It ends where the losses of <see cref="OverfitPatience"/> segments in a row lie above the
/// threshold, which are left out (Cha, Chun, Lee, Cho, Park, Lee and Park 2021, "SWAD: Domain Generalization by Seeking
/// Flat Minima", algorithm 1). Each segment is the mean of its steps, and the result the mean of the segments.
/// </para>
/// <para>
/// The authors' program, whose figures are the published ones, keeps queues that take the first segments of the valley
/// more than once; so does this, unless <see cref="CountsOnce"/>. Where no valley begins, the result is the last
/// segment; of a training shorter than a segment it is the last step. What follows the valley's end is trained in vain,
/// as a hook cannot stop a training. Validation scores see the weights as they are. Parameters and buffers of a
/// floating dtype are averaged. It needs copies of the weights, one for each segment of the longer patience and two
/// besides, which are in checkpoints.
/// </para>
/// </remarks>
/// <param name="validation">
/// Labeled rows that the fit does not see: those held out of each source, in the sources' order, or one set of rows for
/// all of them. At least one.
/// </param>
public sealed class DenseWeightAveraging(params IReadOnlyList<LabeledDomain> validation) : ITrainingHook
{
    private readonly IReadOnlyList<LabeledDomain> validation =
        validation ?? throw new ArgumentNullException(nameof(validation));
    private readonly List<Segment> segments = [];
    private readonly WeightMean result = new();
    private WeightMean running = new();
    private IReadOnlyList<ITrainable> parts = [];
    private long seen;
    private long first = -1;
    private long last = -1;
    private double threshold;
    private long isProvisional;
    private long isOver;

    /// <summary>How many steps a segment has. Default 100, the authors' for PACS.</summary>
    [OptionRange(AtLeast = 1)]
    public int Every { get; init; } = 100;

    /// <summary>How many segments tell that the loss no longer falls. Default 3, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int OptimumPatience { get; init; } = 3;

    /// <summary>How many segments in a row tell that the valley has ended. Default 6, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int OverfitPatience { get; init; } = 6;

    /// <summary>
    /// By which share the loss may lie above that of the valley's begin, not negative. Default 0.3, the authors' for
    /// most data sets (0.2 for VLCS).
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double ToleranceRatio { get; init; } = 0.3;

    /// <summary>
    /// Whether every segment of the valley counts once, as in the paper's algorithm. Default false, as in the authors'
    /// program.
    /// </summary>
    public bool CountsOnce { get; init; }

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var sources = plan.Domains.Sources.Count;
        if (validation.Count != 1 && validation.Count != sources)
        {
            yield return $"needs held-out rows of each of the {sources} sources, or one set for all of them; got "
                + $"{validation.Count}.";
        }
        foreach (var held in validation.Where(held => held.Space != plan.Domains.Space))
        {
            yield return $"the held-out rows' labels are {held.Space}, those of the sources {plan.Domains.Space}: "
                + "hold rows of the sources out.";
        }
        var shape = RowOf(plan.Domains.Sources[0]);
        foreach (var held in validation.Select(RowOf).Where(held => !held.SequenceEqual(shape)))
        {
            yield return $"the held-out rows are [{string.Join(", ", held)}] each, those of the sources "
                + $"[{string.Join(", ", shape)}].";
        }
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        Forget();
        Begin(view);
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view) => Begin(view);

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (isOver != 0)
        {
            return;
        }
        running.Add(WeightMean.Followed(parts));
        if (view.Step % Every == 0)
        {
            segments.Add(new Segment(running) { Loss = Risk(view), Number = seen++ });
            running = new WeightMean();
            Keep(Math.Max(OptimumPatience, OverfitPatience));
            Look();
        }
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        Finish();
        var mean = result.Count > 0 ? result : segments.LastOrDefault()?.Mean;
        mean?.Put(WeightMean.Followed(parts));
        Forget();
        parts = [];
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("seen", ref seen);
        state.Number("first", ref first);
        state.Number("last", ref last);
        state.Number("threshold", ref threshold);
        state.Number("provisional", ref isProvisional);
        state.Number("over", ref isOver);
        result.Exchange(state.Scope("result"));
        running.Exchange(state.Scope("running"));
        long kept = segments.Count;
        state.Number("segments", ref kept);
        Keep((int)kept);
        while (segments.Count < kept)
        {
            segments.Add(new Segment(new WeightMean()));
        }
        for (var i = 0; i < kept; i++)
        {
            segments[i].Exchange(state.Scope($"segment{i}"));
        }
    }

    private void Begin(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        parts = TrainingParts.Trainables([view.Extractor, view.Predictor]);
    }

    private static long[] RowOf(LabeledDomain domain)
    {
        using var row = BatchedPass.Read(domain.Rows, 0, 1);
        return [.. row.shape.Skip(1)];
    }

    private double Risk(TrainingView view)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        Tensor Of(LabeledDomain held, int source)
        {
            var features = BatchedPass.Over(held.Rows, view.Extractor.For(DomainId.Source(source)));
            var labels = held.Labels.to(features.device);
            var weights = held.Weights is { } own ? (own / own.mean()).to(features.device) : null;
            var batch = new LabeledBatch(features, labels, DomainId.Source(source), labels, weights, held.Space);
            return SourceRisk.Of(view.Predictor.Predict(features), batch).to(float64);
        }
        return stack([.. validation.Select(Of)]).mean().item<double>();
    }

    private void Look()
    {
        if (first < 0)
        {
            Converge();
            return;
        }
        var window = Latest(OverfitPatience);
        if (window[0].Number < first)
        {
            return;
        }
        if (IsAbove(window))
        {
            isOver = 1;
        }
        else if (CountsOnce)
        {
            TakeUpTo(seen - OverfitPatience);
        }
        else
        {
            Take(window[0]);
        }
    }

    private void Converge()
    {
        var window = Latest(OptimumPatience);
        // A valley has a floor: a loss that is not finite is none.
        if (
            window.Count < OptimumPatience
            || window.Exists(segment => segment.Loss < window[0].Loss || !double.IsFinite(segment.Loss))
        )
        {
            return;
        }
        first = window[0].Number;
        threshold = window.Average(segment => segment.Loss) * (1 + ToleranceRatio);
        if (CountsOnce)
        {
            TakeUpTo(seen - OverfitPatience);
            return;
        }
        // The authors' queues: the first segment gives way to what is taken next.
        Take(window[0]);
        isProvisional = 1;
        if (OverfitPatience < OptimumPatience)
        {
            window.Skip(1).Take(OptimumPatience - OverfitPatience).ToList().ForEach(Take);
        }
        else if (OverfitPatience > OptimumPatience)
        {
            var before = Latest(OverfitPatience).Take(OverfitPatience - OptimumPatience + 1).ToList();
            var from = before.FindLastIndex(segment => segment.Loss > threshold) + 1;
            before.Skip(from + 1).ToList().ForEach(Take);
        }
    }

    // The segments after the last one that was taken, as long as the loss comes down to the threshold again.
    private void Finish()
    {
        if (first < 0 || isOver != 0)
        {
            return;
        }
        var left = CountsOnce
            ? segments.FindAll(segment => segment.Number >= first && segment.Number > last)
            : Latest(OverfitPatience).Skip(1).ToList();
        while (left.Count > 0 && !IsAbove(left))
        {
            Take(left[0]);
            left.RemoveAt(0);
        }
    }

    private void TakeUpTo(long number) =>
        segments
            .FindAll(segment => segment.Number >= first && segment.Number > last && segment.Number <= number)
            .ForEach(Take);

    private void Take(Segment segment)
    {
        if (isProvisional != 0)
        {
            result.Dispose();
            isProvisional = 0;
        }
        result.Add(segment.Mean);
        last = segment.Number;
    }

    private bool IsAbove(List<Segment> window) => window.TrueForAll(segment => !(segment.Loss <= threshold));

    private List<Segment> Latest(int most) =>
        segments.GetRange(Math.Max(0, segments.Count - most), Math.Min(most, segments.Count));

    private void Keep(int most)
    {
        while (segments.Count > most)
        {
            segments[0].Mean.Dispose();
            segments.RemoveAt(0);
        }
    }

    private void Forget()
    {
        Keep(0);
        result.Dispose();
        running.Dispose();
        (seen, first, last, threshold, isProvisional, isOver) = (0, -1, -1, 0, 0, 0);
    }

    /// <summary>The mean over some steps, and the loss after the last of them.</summary>
    private sealed class Segment(WeightMean mean)
    {
        private double loss;
        private long number;

        public WeightMean Mean { get; } = mean;

        public double Loss
        {
            get => loss;
            init => loss = value;
        }

        public long Number
        {
            get => number;
            init => number = value;
        }

        public void Exchange(StateBag state)
        {
            state.Number("loss", ref loss);
            state.Number("number", ref number);
            Mean.Exchange(state);
        }
    }
}
