using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>Networks for images as feature extractors: TorchVision's, SqueezeNet and LeNet.</summary>
/// <remarks>
/// Each takes <c>until</c>, the name of the last layer that is kept: a direct child (<c>layer3</c>), or a numbered one
/// of it (<c>classifier.4</c>). Default is the last layer before the classifier. <c>weights</c> is a file of trained
/// parameters as for <see cref="Backbone.LoadWeights(string)"/>; without it parameters are random.
/// </remarks>
public static class Backbones
{
    /// <summary>
    /// ResNet-18 trained on ImageNet, from the NuGet package <c>Microsoft.ML.DnnImageFeaturizer.ResNet18</c>: features
    /// <c>[n, 512]</c> of images <c>[n, 3, 224, 224]</c>. The program must reference that package itself. Its last
    /// stage has three blocks, not two, so that files of other ResNets do not fit it.
    /// </summary>
    /// <param name="until">
    /// The last layer that is kept. Default all before the classifier, which the file lacks.
    /// </param>
    /// <param name="folder">
    /// The folder in which <c>DnnImageModels</c> lies. Default that of the program, to which the package copies it.
    /// </param>
    /// <exception cref="FileNotFoundException">The package's files are not there.</exception>
    public static Backbone PretrainedResNet18(string until = "flatten", string? folder = null)
    {
        var (network, preparation) = MlNetResNet18.Find(folder);
        using var scope = NewDisposeScope();
        var backbone = new Backbone(
            "ResNet18",
            Layer.Until(MlNetResNet18.Layers(), until),
            MlNetResNet18.Mean(preparation).DetachFromDisposeScope(),
            (ones(3, 1, 1) / 255).DetachFromDisposeScope(),
            inputSize: 224
        );
        backbone.Copy(MlNetResNet18.Read(network), $"'{network}'");
        return backbone;
    }

    /// <summary>ResNet-18 (He et al. 2016): 512 features.</summary>
    public static Backbone ResNet18(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) => Made("ResNet18", Layer.Of(torchvision.models.resnet18()), until, normalization, 224, weights);

    /// <summary>ResNet-34 (He et al. 2016): 512 features.</summary>
    public static Backbone ResNet34(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) => Made("ResNet34", Layer.Of(torchvision.models.resnet34()), until, normalization, 224, weights);

    /// <summary>ResNet-50 (He et al. 2016): 2,048 features.</summary>
    public static Backbone ResNet50(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) => Made("ResNet50", Layer.Of(torchvision.models.resnet50()), until, normalization, 224, weights);

    /// <summary>ResNet-101 (He et al. 2016): 2,048 features.</summary>
    public static Backbone ResNet101(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) => Made("ResNet101", Layer.Of(torchvision.models.resnet101()), until, normalization, 224, weights);

    /// <summary>ResNet-152 (He et al. 2016): 2,048 features.</summary>
    public static Backbone ResNet152(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) => Made("ResNet152", Layer.Of(torchvision.models.resnet152()), until, normalization, 224, weights);

    /// <summary>AlexNet (Krizhevsky 2014): 9,216 features; 4,096 until <c>classifier.5</c>.</summary>
    public static Backbone AlexNet(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) => Made("AlexNet", Layer.Of(torchvision.models.alexnet()), until, normalization, 224, weights);

    /// <summary>VGG-11 (Simonyan and Zisserman 2015): 25,088 features; 4,096 until <c>classifier.4</c>.</summary>
    /// <param name="weights">A file of trained parameters, or null for random ones.</param>
    /// <param name="until">The last layer that is kept.</param>
    /// <param name="normalization">What the network wants its pixels to be. Default ImageNet's.</param>
    /// <param name="batchNormalization">Whether batch normalizations follow the convolutions (VGG-11-BN).</param>
    public static Backbone Vgg11(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null,
        bool batchNormalization = false
    ) =>
        Made(
            "Vgg11",
            Layer.Of(batchNormalization ? torchvision.models.vgg11_bn() : torchvision.models.vgg11()),
            until,
            normalization,
            224,
            weights
        );

    /// <summary>VGG-13 (Simonyan and Zisserman 2015): 25,088 features; 4,096 until <c>classifier.4</c>.</summary>
    /// <param name="weights">A file of trained parameters, or null for random ones.</param>
    /// <param name="until">The last layer that is kept.</param>
    /// <param name="normalization">What the network wants its pixels to be. Default ImageNet's.</param>
    /// <param name="batchNormalization">Whether batch normalizations follow the convolutions (VGG-13-BN).</param>
    public static Backbone Vgg13(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null,
        bool batchNormalization = false
    ) =>
        Made(
            "Vgg13",
            Layer.Of(batchNormalization ? torchvision.models.vgg13_bn() : torchvision.models.vgg13()),
            until,
            normalization,
            224,
            weights
        );

    /// <summary>VGG-16 (Simonyan and Zisserman 2015): 25,088 features; 4,096 until <c>classifier.4</c>.</summary>
    /// <param name="weights">A file of trained parameters, or null for random ones.</param>
    /// <param name="until">The last layer that is kept.</param>
    /// <param name="normalization">What the network wants its pixels to be. Default ImageNet's.</param>
    /// <param name="batchNormalization">Whether batch normalizations follow the convolutions (VGG-16-BN).</param>
    public static Backbone Vgg16(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null,
        bool batchNormalization = false
    ) =>
        Made(
            "Vgg16",
            Layer.Of(batchNormalization ? torchvision.models.vgg16_bn() : torchvision.models.vgg16()),
            until,
            normalization,
            224,
            weights
        );

    /// <summary>VGG-19 (Simonyan and Zisserman 2015): 25,088 features; 4,096 until <c>classifier.4</c>.</summary>
    /// <param name="weights">A file of trained parameters, or null for random ones.</param>
    /// <param name="until">The last layer that is kept.</param>
    /// <param name="normalization">What the network wants its pixels to be. Default ImageNet's.</param>
    /// <param name="batchNormalization">Whether batch normalizations follow the convolutions (VGG-19-BN).</param>
    public static Backbone Vgg19(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null,
        bool batchNormalization = false
    ) =>
        Made(
            "Vgg19",
            Layer.Of(batchNormalization ? torchvision.models.vgg19_bn() : torchvision.models.vgg19()),
            until,
            normalization,
            224,
            weights
        );

    /// <summary>MobileNetV2 (Sandler et al. 2018): 1,280 features.</summary>
    public static Backbone MobileNetV2(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) => Made("MobileNetV2", Layer.Of(torchvision.models.mobilenet_v2()), until, normalization, 224, weights);

    /// <summary>MobileNetV3 (Howard et al. 2019): 960 features, 576 of the small one.</summary>
    /// <param name="weights">A file of trained parameters, or null for random ones.</param>
    /// <param name="until">The last layer that is kept.</param>
    /// <param name="normalization">What the network wants its pixels to be. Default ImageNet's.</param>
    /// <param name="isSmall">Whether it is the small one. Default the large one.</param>
    public static Backbone MobileNetV3(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null,
        bool isSmall = false
    ) =>
        Made(
            "MobileNetV3",
            Layer.Of(isSmall ? torchvision.models.mobilenet_v3_small() : torchvision.models.mobilenet_v3_large()),
            until,
            normalization,
            224,
            weights
        );

    /// <summary>GoogLeNet (Szegedy et al. 2015): 1,024 features.</summary>
    /// <remarks>Its trained weights want pixels from -1 to 1, which is the default normalization here.</remarks>
    public static Backbone GoogLeNet(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) =>
        Made(
            "GoogLeNet",
            Layer.Of(torchvision.models.googlenet()),
            until,
            normalization ?? ImageNormalization.Symmetric,
            224,
            weights
        );

    /// <summary>Inception v3 (Szegedy et al. 2016): 2,048 features of images of 299x299.</summary>
    /// <remarks>Its trained weights want pixels from -1 to 1, which is the default normalization here.</remarks>
    public static Backbone InceptionV3(
        string? weights = null,
        string until = "flatten",
        ImageNormalization? normalization = null
    ) =>
        Made(
            "InceptionV3",
            Layer.Of(torchvision.models.inception_v3()),
            until,
            normalization ?? ImageNormalization.Symmetric,
            299,
            weights
        );

    /// <summary>SqueezeNet 1.0 or 1.1 (Iandola et al. 2016): 512 features, and only 5 MB of parameters.</summary>
    /// <param name="weights">A file of trained parameters, or null for random ones.</param>
    /// <param name="until">The last layer that is kept.</param>
    /// <param name="normalization">What the network wants its pixels to be. Default ImageNet's.</param>
    /// <param name="isVersion10">
    /// Whether it is version 1.0. Default 1.1, which needs less than half of the work.
    /// </param>
    public static Backbone SqueezeNet(
        string? weights = null,
        string until = "features",
        ImageNormalization? normalization = null,
        bool isVersion10 = false
    ) => Made("SqueezeNet", SqueezeNetLayers.Of(isVersion10), until, normalization, 224, weights);

    /// <summary>
    /// LeNet for digits as PyTorch's example for MNIST has it: two convolutions of 20 and 50 channels, 500 features, of
    /// gray images <c>[n, 1, 28, 28]</c>.
    /// </summary>
    /// <param name="weights">A file of trained parameters, or null for random ones.</param>
    /// <param name="until">The last layer that is kept; <c>fc2</c> gives the scores of the 10 digits.</param>
    public static Backbone LeNet(string? weights = null, string until = "relu3")
    {
        ArgumentException.ThrowIfNullOrEmpty(until);
        List<(string Name, nn.Module<Tensor, Tensor> Layer)> layers =
        [
            ("conv1", nn.Conv2d(1, 20, 5)),
            ("relu1", nn.ReLU()),
            ("pool1", nn.MaxPool2d(2)),
            ("conv2", nn.Conv2d(20, 50, 5)),
            ("relu2", nn.ReLU()),
            ("pool2", nn.MaxPool2d(2)),
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(800, 500)),
            ("relu3", nn.ReLU()),
            ("fc2", nn.Linear(500, 10)),
        ];
        var backbone = new Backbone(
            "LeNet",
            Layer.Until(layers, until),
            full([1, 1, 1], 0.1307).DetachFromDisposeScope(),
            full([1, 1, 1], 0.3081).DetachFromDisposeScope(),
            inputSize: 28
        );
        return Trained(backbone, weights);
    }

    /// <summary>
    /// Any of TorchVision's networks, made by yourself: <c>Backbones.Of(torchvision.models.vgg19(dropout: 0.2f))</c>.
    /// </summary>
    /// <param name="network">
    /// The network, of <c>torchvision.models</c>. The backbone takes its layers and owns them: do not use it any more.
    /// </param>
    /// <param name="until">The last layer that is kept.</param>
    /// <param name="normalization">
    /// What the network wants its pixels to be. Default ImageNet's; of GoogLeNet and Inception, as their methods here
    /// have it, from -1 to 1.
    /// </param>
    /// <param name="inputSize">The height and width that it was made for. Default 224, Inception's 299.</param>
    /// <param name="weights">A file of trained parameters, or null for those that it has.</param>
    /// <exception cref="ArgumentException">It is no network of TorchVision's, or has no such layer.</exception>
    public static Backbone Of(
        nn.Module<Tensor, Tensor> network,
        string until = "flatten",
        ImageNormalization? normalization = null,
        long? inputSize = null,
        string? weights = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        var size = inputSize ?? (network is TorchSharp.Modules.InceptionV3 ? 299 : 224);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(inputSize));
        if (network is TorchSharp.Modules.GoogleNet or TorchSharp.Modules.InceptionV3)
        {
            normalization ??= ImageNormalization.Symmetric;
        }
        // The methods of this class have the types' names.
        var isKnown =
            network
            is TorchSharp.Modules.AlexNet
                or TorchSharp.Modules.GoogleNet
                or TorchSharp.Modules.InceptionV3
                or TorchSharp.Modules.MobileNetV2
                or TorchSharp.Modules.MobileNetV3
                or TorchSharp.Modules.ResNet
                or TorchSharp.Modules.VGG;
        return isKnown
            ? Made(network.GetName(), Layer.Of(network), until, normalization, size, weights)
            : throw new ArgumentException(
                $"network must be one of torchvision.models; got a {network.GetType().Name}. Layers of other networks "
                    + "go by their names: Backbones.Of(\"mine\", [(\"first\", layer), ...]).",
                nameof(network)
            );
    }

    /// <summary>Any network of layers that follow one another.</summary>
    /// <param name="name">Its name in messages.</param>
    /// <param name="layers">The layers in order, with their names; the backbone owns them.</param>
    /// <param name="normalization">What the network wants its pixels to be. Default ImageNet's.</param>
    /// <param name="inputSize">The height and width that it was made for.</param>
    /// <exception cref="ArgumentException">There is no layer, or a name stands twice.</exception>
    public static Backbone Of(
        string name,
        IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Layer)> layers,
        ImageNormalization? normalization = null,
        long inputSize = 224
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        if (layers.Count == 0 || layers.DistinctBy(layer => layer.Name).Count() < layers.Count)
        {
            throw new ArgumentException(
                $"a backbone needs layers of different names; got [{string.Join(", ", layers.Select(it => it.Name))}].",
                nameof(layers)
            );
        }
        return Made(name, layers, layers[^1].Name, normalization, inputSize, weights: null);
    }

    private static Backbone Made(
        string name,
        IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Layer)> layers,
        string until,
        ImageNormalization? normalization,
        long inputSize,
        string? weights
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(until);
        var (mean, deviation) = normalization ?? ImageNormalization.ImageNet;
        var backbone = new Backbone(name, Layer.Until(layers, until), Channels(mean), Channels(deviation), inputSize);
        return Trained(backbone, weights);
    }

    private static Backbone Trained(Backbone backbone, string? weights)
    {
        try
        {
            return weights is null ? backbone : backbone.LoadWeights(weights);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    private static Tensor Channels((double Red, double Green, double Blue) of) =>
        tensor(new[] { of.Red, of.Green, of.Blue }, [3, 1, 1], ScalarType.Float32).DetachFromDisposeScope();
}
