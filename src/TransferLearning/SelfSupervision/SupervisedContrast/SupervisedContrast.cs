using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// SupCon: rows of one class must be nearer to each other than to rows of other classes, whatever domain they come
/// from.
/// </summary>
/// <remarks>
/// <c>mean_i -1/|P(i)| sum_{p in P(i)} log( exp(s_ip / T) / sum_{a != i} exp(s_ia / T) )</c>, P(i) the other rows, and
/// views of rows, of i's class and s the cosines of their projections (Khosla et al. 2020, "Supervised Contrastive
/// Learning", equation 2, L_out). The mean is over the rows that have such others, weighed by their example weights.
/// All labeled batches of a step are taken together. As in the authors' program the term is multiplied by T, because
/// its gradient has a factor 1/T (<see cref="IsScaled"/>).
/// </remarks>
public sealed class SupervisedContrast : ISelfSupervision
{
    private readonly ILabelPredictor head;
    private readonly IAugmentation? first;
    private readonly IAugmentation? second;

    /// <summary>A contrast of labeled rows.</summary>
    /// <param name="head">Projects features <c>[n, d]</c> to <c>[n, k]</c>.</param>
    /// <param name="view">
    /// How rows are looked at, twice each, so that none is without a partner; null for the rows themselves.
    /// </param>
    public SupervisedContrast(ILabelPredictor head, IAugmentation? view = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        this.head = head;
        if (view is not null)
        {
            (first, second) = AnotherLook.Two(view, null);
        }
    }

    /// <summary>
    /// The temperature T, positive. Default 0.1, the paper's; the authors' second program has 0.07.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.1;

    /// <summary>
    /// Whether the term is multiplied by the temperature. Default true, the authors' program's; false gives the paper's
    /// equation.
    /// </summary>
    public bool IsScaled { get; init; } = true;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [head];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => new IPart?[] { head, first, second }.OfType<IPart>();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var batches = step.Labeled.ToList();
        IAugmentation?[] views = first is null ? [null] : [first, second];
        Tensor[] Each(Func<LabeledBatch, IAugmentation?, Tensor> make) =>
            [.. views.SelectMany(view => batches.Select(batch => make(batch, view)))];
        var isWeighted = batches.Exists(batch => batch.Weights is not null);
        var contrast = Of(
            cat(Each((batch, view) => step.Scores(head, step.Features(ViewedRows.Seen(step, view, batch))))),
            cat(Each((batch, _) => batch.Labels)),
            Temperature,
            isWeighted ? cat(Each((batch, _) => batch.Weights ?? ones_like(batch.Labels, float32))) : null
        );
        return IsScaled ? contrast * Temperature : contrast;
    }

    /// <summary>The contrast of some projections, not multiplied by the temperature.</summary>
    /// <param name="projections">Projections <c>[n, k]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null.</param>
    /// <returns>
    /// A scalar, differentiable in the projections, 0 where no two rows are of one class; the caller disposes it.
    /// </returns>
    public static Tensor Of(Tensor projections, Tensor labels, double temperature = 0.1, Tensor? weights = null)
    {
        Guard.Rows(projections);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        Guard.Positive(temperature);
        if (labels.dim() != 1 || labels.shape[0] != projections.shape[0] || labels.is_floating_point())
        {
            throw new ArgumentException(
                $"labels must be class numbers [{projections.shape[0]}]; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var rows = ViewedRows.Unit(projections);
        var isSelf = eye(rows.shape[0], dtype: ScalarType.Bool, device: rows.device);
        var cosines = rows.matmul(rows.t()) / temperature;
        var logs = cosines - cosines.masked_fill(isSelf, double.NegativeInfinity).logsumexp(1, keepdim: true);
        var isPartner = labels.unsqueeze(1).eq(labels).logical_and(isSelf.logical_not());
        var partners = isPartner.sum(1);
        var has = partners.gt(0).to(rows.dtype);
        // The lone row of a batch has no other to be held against: its logarithm is infinite, and no partner asks for
        // it.
        var sums = where(isPartner, logs, zeros_like(logs)).sum(1) / partners.clamp_min(1);
        var counted = weights is null ? has : has * weights.detach().to(rows.dtype);
        return ((sums * counted).sum().neg() / has.sum().clamp_min(1)).MoveToOuterDisposeScope();
    }
}
