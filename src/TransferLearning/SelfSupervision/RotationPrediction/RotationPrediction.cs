using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>RotNet: which of four ways an image has been turned must be told from its features.</summary>
/// <remarks>
/// <c>1/(4n) sum_i sum_r CE(head(f(turn_r(x_i))), r)</c> over the turns by 0, 90, 180 and 270 degrees (Gidaris, Singh
/// and Komodakis 2018, "Unsupervised Representation Learning by Predicting Image Rotations", equation 2). As a second
/// task on the target beside the labels of the source it aligns the domains (Sun, Tzeng, Darrell and Efros 2019,
/// "Unsupervised Domain Adaptation through Self-Supervision"), whose authors draw one turn a row.
/// </remarks>
/// <param name="head">Features <c>[n, d]</c> to logits of the four turns <c>[n, 4]</c>.</param>
public sealed class RotationPrediction(ILabelPredictor head) : ISelfSupervision
{
    private const int Turns = 4;

    private readonly ILabelPredictor head = head ?? throw new ArgumentNullException(nameof(head));

    /// <summary>Whose images are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <summary>Whether each image is turned one way, drawn, and not all four. Default false.</summary>
    public bool DrawsTurns { get; init; }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [head];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [head];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        var batches = ViewedRows.Of(step, Domains, "rotation prediction");
        var turned = batches.Select(batch => step.Once(this, batch, () => Turned(step, batch))).ToList();
        var scores = ViewedRows.Joined(
            [.. turned.Select(it => it.Batch)],
            batch => step.Scores(head, step.Features(batch))
        );
        return nn.functional.cross_entropy(scores, cat([.. turned.Select(it => it.Turns)]));
    }

    /// <summary>Images turned all four ways.</summary>
    /// <param name="images">Images <c>[n, channels, side, side]</c>.</param>
    /// <returns>
    /// Turned images <c>[4 n, channels, side, side]</c>, all by 0 degrees first, and the quarter turns of each, int64
    /// <c>[4 n]</c>; the caller disposes both.
    /// </returns>
    public static (Tensor Images, Tensor Turns) Of(Tensor images)
    {
        Check(images);
        using var scope = NewDisposeScope();
        var all = cat([.. Enumerable.Range(0, Turns).Select(turn => images.rot90(turn, (2, 3)))]);
        var turns = arange(Turns, dtype: int64, device: images.device).repeat_interleave(images.shape[0]);
        return (all.MoveToOuterDisposeScope(), turns.MoveToOuterDisposeScope());
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.RowShape is null or [_, _, _] && plan.RowShape?[1] == plan.RowShape?[2]
            ? []
            : [$"turns square images [channels, side, side]; the rows are {Shape.Text(plan.RowShape ?? [])}."];
    }

    private TurnedRows Turned(StepContext step, IBatch batch)
    {
        using var quiet = no_grad();
        Check(batch.Inputs);
        var n = batch.Inputs.shape[0];
        var (images, turns) = Of(batch.Inputs);
        var rows = batch.Rows.repeat(Turns);
        if (DrawsTurns)
        {
            using var generator = step.NextKey().Generator();
            var drawn = randint(Turns, [n], dtype: int64, generator: generator);
            var kept = (drawn * n) + arange(n, dtype: int64);
            (images, turns) = (images.index_select(0, kept.to(images.device)), drawn.to(turns.device));
            rows = batch.Rows;
        }
        return new TurnedRows(new UnlabeledBatch(images, batch.Domain, rows), turns);
    }

    private static void Check(Tensor images)
    {
        Guard.Alive(images);
        if (images.dim() != 4 || images.shape[2] != images.shape[3])
        {
            throw new ArgumentException(
                $"images must be square [n, channels, side, side]; got {Shape.Of(images)}.",
                nameof(images)
            );
        }
    }

    private sealed record TurnedRows(UnlabeledBatch Batch, Tensor Turns);
}
