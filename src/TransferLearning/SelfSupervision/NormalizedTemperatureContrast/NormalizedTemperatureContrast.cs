using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// SimCLR's NT-Xent: two views of a row must be nearer to each other than to the views of all other rows of the batch.
/// </summary>
/// <remarks>
/// <c>1/(2n) sum_i -log( exp(s_ij / T) / sum_{k != i} exp(s_ik / T) )</c> over the 2n views, j the other view of the
/// same row and s the cosines of their projections (Chen, Kornblith, Norouzi and Hinton 2020, "A Simple Framework for
/// Contrastive Learning of Visual Representations", equation 1). The authors' program adds the means of the two views,
/// twice this value. The projection head is thrown away afterwards.
/// </remarks>
public sealed class NormalizedTemperatureContrast : ISelfSupervision
{
    private readonly ILabelPredictor head;
    private readonly IAugmentation first;
    private readonly IAugmentation second;

    /// <summary>A contrast of two views.</summary>
    /// <param name="head">
    /// Projects features <c>[n, d]</c> to <c>[n, k]</c>; the authors take two layers and 128 outputs.
    /// </param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    public NormalizedTemperatureContrast(ILabelPredictor head, IAugmentation first, IAugmentation? second = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        this.head = head;
        (this.first, this.second) = AnotherLook.Two(first, second);
    }

    /// <summary>Whose rows are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <summary>
    /// The temperature T, positive. Default 0.1, that of the authors' linear probes; their program's own default is 1.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.1;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [head];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [head, first, second];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Guard.Options(this);
        var batches = ViewedRows.Of(step, Domains, "the contrast");
        Tensor Projected(IAugmentation view) =>
            ViewedRows.Joined(batches, batch => step.Scores(head, step.Features(step.View(view, batch))));
        return Of(Projected(first), Projected(second), Temperature);
    }

    /// <summary>The contrast of some projections.</summary>
    /// <param name="first">Projections of the first views <c>[n, k]</c>.</param>
    /// <param name="second">Projections of the second views, row by row of the same rows, <c>[n, k]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>A scalar, differentiable in both, 0 for one row; the caller disposes it.</returns>
    public static Tensor Of(Tensor first, Tensor second, double temperature = 0.1)
    {
        Guard.Pair(first, second);
        Guard.Positive(temperature);
        if (first.shape[0] != second.shape[0])
        {
            throw new ArgumentException(
                $"second must have the rows of first, {first.shape[0]}; got {Shape.Of(second)}.",
                nameof(second)
            );
        }
        using var scope = NewDisposeScope();
        var n = first.shape[0];
        var views = ViewedRows.Unit(cat([first, second]));
        var isSelf = eye(2 * n, dtype: ScalarType.Bool, device: views.device);
        var cosines = (views.matmul(views.t()) / temperature).masked_fill(isSelf, double.NegativeInfinity);
        var others = arange(2 * n, dtype: int64, device: views.device).roll(n);
        return nn.functional.cross_entropy(cosines, others).MoveToOuterDisposeScope();
    }
}
