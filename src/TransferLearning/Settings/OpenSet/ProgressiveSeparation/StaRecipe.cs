using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// STA (Liu et al. 2019), for targets with classes that the source lacks: a first training learns which target rows
    /// are like known classes and which are not, a second one aligns the former and learns "unknown" from the latter.
    /// </summary>
    /// <remarks>
    /// Fit it with <see cref="LabeledDomain.WithUnknown"/> of the source. Both trainings go by the run's options. The
    /// shares of each at which a term begins are those of the authors' program: 500 of 900 steps and 1,500 of 1,900.
    /// </remarks>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor; its last output is "unknown".</param>
    /// <param name="heads">Features to one logit a known class, one output fewer than the predictor has.</param>
    /// <param name="separator">Features to one logit, large for rows of known classes.</param>
    /// <param name="critic">The critic that is opposed, features to one logit.</param>
    /// <param name="weight">The weight of the critic's loss over progress. Default 0.3, the authors'.</param>
    /// <param name="entropy">The weight of the target's entropy over progress. Default 0.1, the authors'.</param>
    /// <param name="unknown">
    /// The weight of the unknown class over the second training's progress. Default 0.3 from 15/19 on, the authors'.
    /// </param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 1.</param>
    /// <param name="rowShare">The share of a batch's target rows at either end. Default 1/16, the authors'.</param>
    public static AdaptationBuilder Sta(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor heads,
        IDomainCritic separator,
        IDomainCritic critic,
        Schedule? weight = null,
        Schedule? entropy = null,
        Schedule? unknown = null,
        Schedule? reversal = null,
        double rowShare = 1.0 / 16
    ) =>
        new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(heads, separator);
                    net.Minimize(new CrossEntropy())
                        .Minimize(new ClassSimilarity(heads))
                        .Minimize(
                            new KnownSeparation(heads, separator) { Share = rowShare },
                            Schedule.From(500.0 / 900, 1)
                        );
                }
            )
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(critic);
                    net.Minimize(new CrossEntropy())
                        .Minimize(new SeparatedAdversary(critic, separator, reversal), weight ?? 0.3)
                        .Minimize(new SeparatedEntropy(separator), entropy ?? 0.1)
                        .Minimize(
                            new UnknownRows(separator) { Share = rowShare },
                            unknown ?? Schedule.From(1500.0 / 1900, 0.3)
                        );
                }
            );

    /// <inheritdoc cref="Sta(IFeatureExtractor, ILabelPredictor, ILabelPredictor, IDomainCritic, IDomainCritic, Schedule?, Schedule?, Schedule?, Schedule?, double)"/>
    public static AdaptationBuilder Sta(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> heads,
        nn.Module<Tensor, Tensor> separator,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        Schedule? entropy = null,
        Schedule? unknown = null,
        Schedule? reversal = null,
        double rowShare = 1.0 / 16
    ) =>
        Sta(
            extractor.AsPart(),
            predictor.AsPart(),
            heads.AsPart(),
            separator.AsPart(),
            critic.AsPart(),
            weight,
            entropy,
            unknown,
            reversal,
            rowShare
        );
}
