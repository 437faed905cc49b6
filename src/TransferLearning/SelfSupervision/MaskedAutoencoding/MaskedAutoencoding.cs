using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// Masked autoencoding of vectors: features that were struck out must be rebuilt from those that are left.
/// </summary>
/// <remarks>
/// <c>sum_ij m_ij (g(f((1 - m_i) x_i))_j - x_ij)^2 / sum_ij m_ij</c>, m drawn anew for each row with a share r of ones,
/// f the extractor and g the decoder: the loss counts struck features only (He, Chen, Xie, Li, Dollar and Girshick
/// 2022, "Masked Autoencoders Are Scalable Vision Learners"). Struck features become 0, so rows should be standardized
/// first.
/// </remarks>
/// <param name="decoder">Features <c>[n, k]</c> to inputs <c>[n, d]</c>.</param>
public sealed class MaskedAutoencoding(ILabelPredictor decoder) : ISelfSupervision
{
    private readonly ILabelPredictor decoder = decoder ?? throw new ArgumentNullException(nameof(decoder));

    /// <summary>Whose rows are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <summary>
    /// The share r of features that are struck out, above 0 and below 1; of each row one at least, and one is left.
    /// Default 0.75, the authors' for images: less where features do not follow from their neighbors.
    /// </summary>
    [OptionRange(Above = 0, Below = 1)]
    public double Share { get; init; } = 0.75;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [decoder];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [decoder];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Guard.Options(this);
        var batches = ViewedRows.Of(step, Domains, "masked autoencoding");
        var masked = batches.Select(batch => step.Once(this, batch, () => Masked(step, batch))).ToList();
        var rebuilt = ViewedRows.Joined(
            [.. masked.Select(it => it.Batch)],
            batch => step.Scores(decoder, step.Features(batch))
        );
        return Of(rebuilt, cat([.. batches.Select(batch => batch.Inputs)]), cat([.. masked.Select(it => it.Struck)]));
    }

    /// <summary>The mean squared error of what was struck out.</summary>
    /// <param name="rebuilt">Rebuilt rows <c>[n, d]</c>.</param>
    /// <param name="rows">The rows <c>[n, d]</c>; taken as constants.</param>
    /// <param name="struck">1 where a feature was struck out and 0 elsewhere <c>[n, d]</c>.</param>
    /// <returns>
    /// A scalar, differentiable in what was rebuilt, 0 where nothing was struck out; the caller disposes it.
    /// </returns>
    public static Tensor Of(Tensor rebuilt, Tensor rows, Tensor struck)
    {
        Guard.Pair(rebuilt, rows);
        Guard.Pair(rows, struck);
        using var scope = NewDisposeScope();
        var errors = (rebuilt - rows.detach()).square() * struck.detach();
        return (errors.sum() / struck.detach().sum().clamp_min(1)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.RowShape switch
        {
            null or [> 1] => [],
            [_] => ["rebuilds some features of a row from the others; the rows have one alone."],
            _ => [$"rebuilds vectors [n, d]; the rows are {Shape.Text(plan.RowShape)}: call Flatten() first."],
        };
    }

    private MaskedRows Masked(StepContext step, IBatch batch)
    {
        using var quiet = no_grad();
        Guard.Rows(batch.Inputs);
        var x = batch.Inputs.detach();
        if (x.shape[1] < 2)
        {
            throw new ArgumentException($"masked autoencoding needs at least 2 features a row; got {Shape.Of(x)}.");
        }
        using var generator = step.NextKey().Generator();
        var most = Math.Clamp((long)Math.Round(Share * x.shape[1]), 1, x.shape[1] - 1);
        var order = rand(x.shape, generator: generator).argsort(1).to(x.device);
        var struck = zeros_like(x).scatter(1, order.narrow(1, 0, most), ones_like(x));
        return new MaskedRows(new UnlabeledBatch(x * (1 - struck), batch.Domain, batch.Rows), struck);
    }

    private sealed record MaskedRows(UnlabeledBatch Batch, Tensor Struck);
}
