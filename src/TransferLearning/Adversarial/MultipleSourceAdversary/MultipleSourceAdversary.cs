using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// MDAN: each source has a critic against the target, and the sources' errors and critics count by how bad they are.
/// </summary>
/// <remarks>
/// <para>
/// With a source's cross-entropy <c>e_j = mean w CE</c> and its critic's loss
/// <c>d_j = mean w BCE(D_j(f_j), 1) + mean BCE(D_j(f_t), 0)</c>, minus its gradient to the extractor: soft
/// <c>log sum_j exp(gamma (e_j + mu d_j)) / gamma</c>, hard <c>max_j e_j + mu min_j d_j</c> (Zhao, Zhang, Wu, Moura,
/// Costeira and Gordon 2018, "Adversarial Multiple Source Domain Adaptation", and the authors' program). The term holds
/// the labels' cross-entropy: the training needs none of its own. Labeled target rows, where there are some, add their
/// cross-entropy.
/// </para>
/// <para>
/// The paper's soft version prefers sources that are told apart from the target, <c>exp(gamma (e_j - mu d_j))</c>; the
/// program, by its sign, those that are not. <see cref="PrefersDistantSources"/> is the paper's: the term is then
/// <c>sum_j a_j (e_j + mu d_j)</c>, a these weights brought to sum 1, constants.
/// </para>
/// </remarks>
/// <param name="critics">
/// One critic a source, in the sources' order; the phase moves them together with the extractor.
/// </param>
/// <param name="reversal">The factor of the reversed gradient over progress. Default 1, the authors'.</param>
public sealed class MultipleSourceAdversary(IReadOnlyList<IDomainCritic> critics, Schedule? reversal = null)
    : IObjective,
        IJudged
{
    private readonly IReadOnlyList<IDomainCritic> critics = SeveralCritics.Checked(critics, "source");
    private readonly Schedule reversal = reversal ?? 1;

    /// <summary>How the sources come together. Default <see cref="SourceCombination.Soft"/>.</summary>
    public SourceCombination Combination { get; init; }

    /// <summary>The factor mu of the critics' losses, positive. Default 0.01, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double CriticFactor { get; init; } = 0.01;

    /// <summary>The sharpness gamma of the soft version, positive. Default 10, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Sharpness { get; init; } = 10;

    /// <summary>
    /// Whether the soft version prefers sources that are told apart from the target, as the paper has it. Default
    /// false, the authors' program.
    /// </summary>
    public bool PrefersDistantSources { get; init; }

    /// <summary>
    /// What the critics minimize, and the extractor is opposed to. Default <see cref="CriticLoss.CrossEntropy"/>, the
    /// paper's.
    /// </summary>
    public CriticLoss Criterion { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => critics;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => critics;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        if (step.Sources.Count != critics.Count)
        {
            throw new ArgumentException(Fault(step.Sources.Count), nameof(step));
        }
        using var scope = NewDisposeScope();
        var coefficient = reversal.At(step.Progress);
        var target = GradientReversal.Apply(step.Features(step.Target), coefficient);
        var errors = step.Sources.Select(batch => CrossEntropy.Of(step.Scores(batch), batch.Labels, batch.Weights));
        var losses = step.Sources.Zip(
            critics,
            (batch, critic) =>
                DomainAdversary.Loss(
                    step.Judgment(critic, GradientReversal.Apply(step.Features(batch), coefficient)),
                    step.Judgment(critic, target),
                    batch.Weights,
                    criterion: Criterion
                )
        );
        var term = Of(
            stack([.. errors]),
            stack([.. losses]),
            Combination,
            CriticFactor,
            Sharpness,
            PrefersDistantSources
        );
        return (
            step.Batch.LabeledTarget is { } few
                ? term + CrossEntropy.Of(step.Scores(few), few.Labels, few.Weights)
                : term
        ).MoveToOuterDisposeScope();
    }

    /// <summary>The term from the sources' errors and their critics' losses.</summary>
    /// <param name="errors">Errors <c>[k]</c>.</param>
    /// <param name="losses">The critics' losses <c>[k]</c>.</param>
    /// <param name="combination">How the sources come together.</param>
    /// <param name="criticFactor">The factor mu of the critics' losses.</param>
    /// <param name="sharpness">The sharpness gamma.</param>
    /// <param name="prefersDistantSources">Whether the soft version prefers sources that are told apart.</param>
    /// <returns>A scalar, differentiable in both; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor errors,
        Tensor losses,
        SourceCombination combination = SourceCombination.Soft,
        double criticFactor = 0.01,
        double sharpness = 10,
        bool prefersDistantSources = false
    )
    {
        Guard.Alive(errors);
        Guard.Alive(losses);
        Guard.Positive(criticFactor);
        Guard.Positive(sharpness);
        if (errors.dim() != 1 || errors.shape[0] == 0 || !errors.shape.SequenceEqual(losses.shape))
        {
            throw new ArgumentException(
                $"errors and losses must have one entry a source, [k]; got {Shape.Of(errors)} and {Shape.Of(losses)}.",
                nameof(losses)
            );
        }
        using var scope = NewDisposeScope();
        var all = errors + (losses * criticFactor);
        var term = combination switch
        {
            SourceCombination.Hard => errors.max() + (losses.min() * criticFactor),
            SourceCombination.Soft when prefersDistantSources => (
                ((errors - (losses * criticFactor)) * sharpness).detach().softmax(0) * all
            ).sum(),
            SourceCombination.Soft => (all * sharpness).logsumexp(0) / sharpness,
            _ => throw new ArgumentOutOfRangeException(nameof(combination), combination, "is not a known combination."),
        };
        return term.MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        [
            .. plan.OfClasses(),
            .. plan.Domains.Sources.Count == critics.Count ? [] : (string[])[Fault(plan.Domains.Sources.Count)],
        ];

    private string Fault(int sources) => $"needs a critic for each of the {sources} source(s); got {critics.Count}.";
}
