using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp.PyBridge;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Vision;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TransferLearning.Tests.Vision;

/// <summary>Networks for images as extractors, and their trained parameters.</summary>
public sealed class BackboneTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();

    public static TheoryData<string> Networks() =>
        ["ResNet18", "ResNet50", "AlexNet", "Vgg11", "MobileNetV2", "MobileNetV3", "GoogLeNet", "InceptionV3"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Layers_OfTorchVisionsNetworks_ComputeWhatTheyCompute(string name)
    {
        using nn.Module<Tensor, Tensor> network = name switch
        {
            "ResNet18" => torchvision.models.resnet18(),
            "ResNet50" => torchvision.models.resnet50(),
            "AlexNet" => torchvision.models.alexnet(),
            "Vgg11" => torchvision.models.vgg11(),
            "MobileNetV2" => torchvision.models.mobilenet_v2(),
            "MobileNetV3" => torchvision.models.mobilenet_v3_small(),
            "GoogLeNet" => torchvision.models.googlenet(),
            _ => torchvision.models.inception_v3(),
        };
        network.eval();
        // Channels innermost in memory, as a backbone turns its images: sums then have one order on both sides.
        var images = rand(1, 128, 128, 3).permute(0, 3, 1, 2);

        var backbone = Backbones.Of(name, Layer.Of(network), ImageNormalization.None, inputSize: 128);
        backbone.eval();

        Assert.Equal(network.call(images), backbone.call(images));
        Assert.Equal(
            network.state_dict().Keys.Where(key => !key.StartsWith("AuxLogits", StringComparison.Ordinal)).Order(),
            backbone.state_dict().Keys.Where(key => !key.StartsWith("normalization", StringComparison.Ordinal)).Order()
        );
    }

    // TorchVision turns ImageNet's normalization into this one inside them, wherever they have trained weights.
    [Fact]
    public void Normalization_OfGoogLeNetAndInception_IsFromMinusOneToOne()
    {
        foreach (var network in new[] { Backbones.GoogLeNet(), Backbones.InceptionV3() })
        {
            using (network)
            {
                Assert.True(network.get_buffer("normalization_mean")!.eq(0.5).all().item<bool>());
                Assert.True(network.get_buffer("normalization_deviation")!.eq(0.5).all().item<bool>());
            }
        }
    }

    [Fact]
    public void Of_ANetworkThatWasMade_ComputesWhatItComputedUpToTheLayer()
    {
        using var network = torchvision.models.vgg11(num_classes: 7, dropout: 0);
        network.eval();
        var images = rand(1, 128, 128, 3).permute(0, 3, 1, 2);
        var scores = network.call(images);
        network.save(work.File("vgg.dat"));

        using var whole = Backbones.Of(network, "classifier.6", ImageNormalization.None, inputSize: 128);
        using var head = torchvision.models.vgg11(num_classes: 7);
        using var features = Backbones.Of(
            head,
            normalization: ImageNormalization.None,
            inputSize: 128,
            weights: work.File("vgg.dat")
        );
        whole.eval();

        Assert.True(whole.call(images).allclose(scores, 1e-4, 1e-6));
        Assert.Equal(25_088, features.Width);
        Assert.False(features.training); // its weights were loaded
        Assert.Equal(whole.state_dict()["features.0.weight"], features.state_dict()["features.0.weight"]);
        using var inception = Backbones.Of(torchvision.models.inception_v3());
        Assert.Equal(299, inception.InputSize);
        var fault = Assert.Throws<ArgumentException>("network", () => Backbones.Of(nn.Linear(2, 2)));
        Assert.Contains("torchvision.models", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Backbones.Of(torchvision.models.resnet18(), until: "layer9"));
    }

    [Theory]
    [InlineData("Vgg11", "classifier.4", 4096)]
    [InlineData("Vgg13", "features", 512)]
    [InlineData("Vgg19", "features.4", 64)]
    [InlineData("ResNet152", "layer1", 256)]
    [InlineData("MobileNetV3", "flatten", 960)]
    [InlineData("MobileNetV3 small", "flatten", 576)]
    public void Network_OfTorchVision_HasItsWidth(string name, string until, long width)
    {
        using var network = name switch
        {
            "Vgg11" => Backbones.Vgg11(until: until),
            "Vgg13" => Backbones.Vgg13(until: until, batchNormalization: true),
            "Vgg19" => Backbones.Vgg19(until: until),
            "ResNet152" => Backbones.ResNet152(until: until),
            _ => Backbones.MobileNetV3(until: until, isSmall: name.EndsWith("small", StringComparison.Ordinal)),
        };

        Assert.Equal(width, network.Width);
    }

    [Fact]
    public void Call_OnBytes_IsRefused()
    {
        using var network = Backbones.SqueezeNet(until: "features.2");

        var fault = Assert.Throws<ArgumentException>(() => network.call(zeros([1, 3, 32, 32], ScalarType.Byte)));

        Assert.Contains("divide bytes by 255", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_AnotherDtype_MovesTheNormalizationOfPixels()
    {
        using var network = Backbones.SqueezeNet(until: "features.2");
        network.eval();
        var images = rand(2, 3, 32, 32);
        var before = network.call(images);

        network.to(float64);
        var features = network.call(images.to(float64));

        Assert.True(features.to(float32).allclose(before, 1e-4, 1e-5));
        Assert.Equal(64, network.Width);
        network.to(float32);
        var fault = Assert.Throws<ArgumentException>(() => network.call(images.to(float64)));
        Assert.Contains("Float64", fault.Message, StringComparison.Ordinal);
        Assert.Contains("normalization_mean", network.state_dict().Keys);
    }

    [Fact]
    public void Forward_ImagesThatDoNotPassTheLayers_AreRefusedByTheirSize()
    {
        using var lenet = Backbones.LeNet();
        using var squeeze = Backbones.SqueezeNet();

        foreach (var (network, images) in new[] { (lenet, zeros(2, 1, 32, 32)), (squeeze, zeros(1, 3, 4, 4)) })
        {
            var fault = Assert.Throws<ArgumentException>(() => network.call(images));

            Assert.Contains($"made for images of {network.InputSize}", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("frame #0", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("cut.safetensors")]
    [InlineData("cut.pth")]
    [InlineData("cut.dat")]
    [InlineData("empty.safetensors")]
    public void LoadWeights_ACutFile_IsNamed(string name)
    {
        using var network = Backbones.SqueezeNet(until: "features.2");
        var path = work.File(name);
        if (!name.StartsWith("empty", StringComparison.Ordinal))
        {
            if (name.EndsWith("pth", StringComparison.Ordinal))
            {
                network.save_py(path);
            }
            else if (name.EndsWith("dat", StringComparison.Ordinal))
            {
                network.save(path);
            }
            else
            {
                network.save_safetensors(path);
            }
        }
        var whole = File.Exists(path) ? File.ReadAllBytes(path) : [];
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);

        var fault = Assert.Throws<InvalidDataException>(() => Backbones.SqueezeNet(path, until: "features.2"));

        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [LongFact]
    public void Predict_OfAResNetOnManyThreadsBesideCollections_IsAlwaysTheSame()
    {
        using var network = Backbones.ResNet18();
        network.eval();
        using var head = nn.Linear(512, 3);
        head.eval();
        using var model = new AdaptedModel(network.AsPart(), head.AsPart());
        var images = rand(1, 3, 48, 48);
        var expected = model.Predict(images);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var collecting = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collecting.Start();

        var faults = new System.Collections.Concurrent.ConcurrentQueue<string>();
        Parallel.For(
            0,
            4,
            _ =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using var here = NewDisposeScope();
                    var fault = Record.Exception(() => Assert.True(model.Predict(images).allclose(expected)));
                    if (fault is not null)
                    {
                        faults.Enqueue(fault.Message);
                    }
                }
            }
        );
        collecting.Join();

        Assert.Empty(faults);
    }

    [Fact]
    public void Until_AnyLayer_GivesItsMeanOverPlaces()
    {
        using var whole = Backbones.ResNet18();
        using var cut = Backbones.ResNet18(until: "layer2");
        using var inner = Backbones.AlexNet(until: "classifier.5");

        Assert.Equal(512, whole.Width);
        Assert.Equal(128, cut.Width);
        Assert.Equal(4096, inner.Width);
        Assert.Equal("layer2", cut.Layers[^1]);
        Assert.DoesNotContain(cut.state_dict().Keys, key => key.StartsWith("layer3", StringComparison.Ordinal));
        var fault = Assert.Throws<ArgumentException>(() => Backbones.ResNet18(until: "layer9"));
        Assert.Contains("layer2.1", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Backbones.ResNet18(until: "conv1.0"));
    }

    [Fact]
    public void Forward_Pixels_AreNormalizedByChannel()
    {
        using var network = Backbones.Of("nothing", [("same", nn.Identity())]);

        var features = network.call(full([2, 3, 5, 5], 0.5));

        var expected = tensor(new[] { (0.5 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0.5 - 0.406) / 0.225 });
        Assert.True(features[1].to(float64).allclose(expected, 1e-6));
    }

    [Fact]
    public void Forward_OtherShapes_AreRefused()
    {
        using var network = Backbones.LeNet();

        Assert.Throws<ArgumentException>(() => network.call(rand(2, 3, 28, 28)));
        Assert.Throws<ArgumentException>(() => network.call(rand(28, 28)));
        Assert.Throws<ArgumentException>(() => Backbones.Of("two", [("a", nn.ReLU()), ("a", nn.ReLU())]));
    }

    [Fact]
    public void LoadWeights_PyTorchFileOfLeNet_ReadsDigits()
    {
        using var network = Backbones.LeNet(SharedData.File("pretrained", "mnist_cnn.pt"), until: "fc2");
        var images = Idx("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)[..2000].to(float32) / 255;
        var labels = Idx("t10k-labels-idx1-ubyte.gz", 8)[..2000].to(int64);

        var right = network.call(images).argmax(1).eq(labels).to(float32).mean().item<float>();

        Assert.True(right > 0.985, $"{right}");
        Assert.False(network.training);
    }

    [Fact]
    public void LoadWeights_SafetensorsOfSqueezeNet_MakesSimilarPhotographsAlike()
    {
        using var network = Backbones.SqueezeNet(SharedData.File("pretrained", "squeezenet1_1_notop.safetensors"));
        var pacs = SharedData.File("pacs", "pacs3_resnet18_512.npz");
        var folder = ImageFolder.Open(Path.Combine(Path.GetDirectoryName(pacs)!, "photo"));
        // Every tenth photograph, read by the nearest other one.
        var rows = arange(0, folder.Count, 10);

        var features = nn.functional.normalize(network.call(folder.Read(rows)).detach(), dim: 1);
        var alike = (features.mm(features.t()) - (2 * eye(rows.shape[0]))).argmax(1);
        var labels = folder.Labeled().Labels.index_select(0, rows);

        var right = labels.index_select(0, alike).eq(labels).to(float32).mean().item<float>();
        Assert.True(right > 0.8, $"{right}");
    }

    [Theory]
    [InlineData(".pth")]
    [InlineData(".safetensors")]
    [InlineData(".dat")]
    [InlineData(".weights")]
    public void LoadWeights_OfAWholeNetwork_FillsTheKeptLayers(string ending)
    {
        using var network = torchvision.models.resnet18();
        var path = work.File("weights" + ending);
        _ = ending switch
        {
            ".pth" => network.save_py(path),
            ".safetensors" => network.save_safetensors(path),
            _ => network.save(path), // TorchSharp's own
        };

        using var backbone = Backbones.ResNet18(path, until: "layer1");

        foreach (
            var (name, value) in backbone
                .state_dict()
                .Where(entry => entry.Key.StartsWith("layer1.", StringComparison.Ordinal))
        )
        {
            Assert.Equal(network.state_dict()[name], value);
        }
    }

    [Fact]
    public void LoadWeights_OfAnotherNetwork_SaysWhatIsMissingAndChangesNothing()
    {
        using var other = torchvision.models.resnet34();
        using var wide = nn.Sequential(("0", nn.Linear(4, 3)));
        other.save_safetensors(work.File("resnet34.safetensors"));
        wide.save_safetensors(work.File("wide.safetensors"));
        File.WriteAllText(work.File("text.pth"), "no weights");
        using var backbone = Backbones.ResNet18();
        using var narrow = Backbones.Of("narrow", [("0", nn.Linear(2, 3))]);
        var before = backbone.state_dict()["layer1.0.conv1.weight"].clone();

        Assert.Contains("'fc1.", Fault<InvalidDataException>(Backbones.LeNet(), "resnet34.safetensors"));
        Assert.Contains("[3, 4], that of narrow [3, 2]", Fault<InvalidDataException>(narrow, "wide.safetensors"));
        Assert.Contains("'conv1.weight'", Fault<InvalidDataException>(backbone, "wide.safetensors"));
        Assert.Contains("text.pth", Fault<InvalidDataException>(backbone, "text.pth"));
        Assert.Contains("missing.pth", Fault<FileNotFoundException>(backbone, "missing.pth"));
        Assert.Contains(
            ".safetensors",
            Assert.Throws<InvalidDataException>(() => backbone.LoadWeights(typeof(Backbone).Assembly.Location)).Message
        );
        Assert.Equal(before, backbone.state_dict()["layer1.0.conv1.weight"]);
        Assert.True(backbone.training);

        string Fault<T>(Backbone network, string file)
            where T : Exception => Assert.Throws<T>(() => network.LoadWeights(work.File(file))).Message;
    }

    [Fact]
    public void PretrainedResNet18_OnImages_GivesOnnxRuntimesFeatures()
    {
        using var network = Backbones.PretrainedResNet18();
        var images = rand(2, 3, 224, 224);

        var features = network.call(images).detach();

        for (var i = 0; i < 2; i++)
        {
            var expected = ByOnnxRuntime(images[i]);
            Assert.True((features[i] - expected).abs().max().item<float>() < 1e-4 * expected.abs().max().item<float>());
        }
        Assert.Equal(512, network.Width);
        Assert.Throws<ArgumentException>(() => network.call(rand(1, 3, 200, 200)));
        Assert.Contains(
            "Microsoft.ML.DnnImageFeaturizer.ResNet18",
            Assert
                .Throws<FileNotFoundException>(() => Backbones.PretrainedResNet18(folder: work.File("nowhere")))
                .Message
        );
    }

    [Fact]
    public void PretrainedResNet18_OnPhotographs_GivesTheFeaturesOfItsGraphs()
    {
        var path = SharedData.File("pacs", "pacs3_resnet18_512.npz");
        var photographs = ImageFolder.Open(
            Path.Combine(Path.GetDirectoryName(path)!, "photo"),
            new ImageFolderOptions { Fit = ImageFit.Stretch }
        );
        var expected = NumpyBytes.Read(path, "photo_x").to(float32);
        using var network = Backbones.PretrainedResNet18();

        Assert.Equal(expected.shape[0], photographs.Count);
        Assert.Equal(NumpyBytes.Read(path, "photo_y").to(int64), photographs.Labeled().Labels);
        var features = network.call(photographs.Read(arange(0, 8))).detach();

        // Another program resized and decoded them, and keeps half precision.
        var error = (features - expected[..8]).norm(1) / expected[..8].norm(1);
        Assert.True(error.max().item<float>() < 0.05, $"{error.max().item<float>()}");
    }

    [Fact]
    public void Chain_OnABackbone_FreezesByLayerAndComesBackFromAFile()
    {
        using var backbone = Backbones.SqueezeNet(until: "features.2");
        using var head = nn.Linear(64, 2);
        var images = rand(8, 3, 32, 32);
        var source = new LabeledDomain(images, tensor(new long[] { 0, 1, 0, 1, 0, 1, 0, 1 }));
        var before = backbone.state_dict()["features.0.weight"].clone();

        using var model = new AdaptationBuilder()
            .Train(
                backbone,
                head,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Optimize(backbone.AsPart(), plan: FreezingPlan.None.Freeze("features.0."))
            )
            .Fit(source, source.WithoutLabels());

        Assert.Equal(before, backbone.state_dict()["features.0.weight"]);
        model.Save(work.File("vision.model"));
        using var again = Backbones.SqueezeNet(until: "features.2");
        using var secondHead = nn.Linear(64, 2);
        using var loaded = AdaptedModel.Load(work.File("vision.model"), again, secondHead);
        Assert.Equal(model.Predict(images), loaded.Predict(images));
    }

    public void Dispose()
    {
        scope.Dispose();
        work.Dispose();
    }

    private static Tensor Idx(string file, int head)
    {
        using var stream = new System.IO.Compression.GZipStream(
            File.OpenRead(SharedData.File("digits", "mnist", file)),
            System.IO.Compression.CompressionMode.Decompress
        );
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return tensor(bytes.ToArray()[head..]);
    }

    /// <summary>The two graphs of the package, on pixels from 0 to 255.</summary>
    private static Tensor ByOnnxRuntime(Tensor image)
    {
        var models = Path.Combine(AppContext.BaseDirectory, "DnnImageModels");
        using var preparation = new InferenceSession(Path.Combine(models, "ResNetPrepOnnx", "ResNetPreprocess.onnx"));
        using var network = new InferenceSession(Path.Combine(models, "ResNet18Onnx", "ResNet18.onnx"));
        using var pixels = image * 255;
        var input = new DenseTensor<float>(pixels.data<float>().ToArray(), [1, 3, 224, 224]);
        using var prepared = preparation.Run([NamedOnnxValue.CreateFromTensor("OriginalInput", input)]);
        using var output = network.Run([
            NamedOnnxValue.CreateFromTensor("Input247", prepared.Single().AsTensor<float>().ToDenseTensor()),
        ]);
        return tensor(output.Single().AsTensor<float>().ToArray());
    }
}
