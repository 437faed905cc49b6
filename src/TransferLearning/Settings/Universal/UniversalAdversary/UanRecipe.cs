using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// UAN (You et al. 2019), for targets that may lack classes of the source and have others: an opposed critic on
    /// rows that weigh by how likely both domains have their class; rows of little weight are unknown.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic that is opposed.</param>
    /// <param name="first">The critic that weighs.</param>
    /// <param name="threshold">The transferability below which a row is unknown. Default -0.5, the paper's.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default a ramp from 0 to 1 of gamma 40, the authors' for
    /// Office.
    /// </param>
    /// <param name="loss">
    /// What the labeled rows cost. Default the authors' program's, <see cref="ProbabilityCrossEntropy"/>;
    /// <c>new CrossEntropy()</c> is the paper's.
    /// </param>
    public static AdaptationBuilder Uan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        IDomainCritic first,
        double threshold = -0.5,
        Schedule? reversal = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(critic, first);
                    net.Minimize(loss ?? new ProbabilityCrossEntropy())
                        .Minimize(new UniversalAdversary(critic, first, reversal));
                }
            )
            .RejectUnknown(new TransferabilityRule(first, threshold));

    /// <inheritdoc cref="Uan(IFeatureExtractor, ILabelPredictor, IDomainCritic, IDomainCritic, double, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Uan(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        nn.Module<Tensor, Tensor> first,
        double threshold = -0.5,
        Schedule? reversal = null,
        IObjective? loss = null
    ) => Uan(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), first.AsPart(), threshold, reversal, loss);
}
